import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8')

it.each(['contracts.ts', 'tasks.ts', 'tasks.test.ts', 'main.ts', 'tenants.ts', 'asking.ts', 'settings.ts', 'document.ts'])(
  'shows %s as it is',
  async (file) => {
    expect(await read('../../README.md')).toContain(`\`\`\`ts\n${await read(file)}\`\`\``)
  },
)
