import { readFile } from 'node:fs/promises'
import { expect, it, vi } from 'vitest'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

it.each(['readme', 'readme-cloud'])('shows a program that compiles: %s', async (name) => {
  expect(await read('../README.md')).toContain(`\`\`\`ts\n${await read(`./${name}.example.ts`)}\`\`\``)
})

it('shows programs that run', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await import('./readme.example.js')
  await import('./readme-cloud.example.js')
  expect(log.mock.calls).toEqual([
    ['failed', 1],
    ['failed', ['Execution Failed']],
  ])
})
