import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

it.each(['readme.example.ts', 'readme-events.example.ts'])('the README shows %s as it compiles', async (name) => {
  const [readme, program] = await Promise.all([`../README.md`, name].map((file) => readFile(new URL(file, import.meta.url), 'utf8')))
  expect(readme).toContain(`\`\`\`ts\n${program}\`\`\``)
})
