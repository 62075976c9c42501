import { readFile } from 'node:fs/promises'
import { expect, it, vi } from 'vitest'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

it('shows a program that compiles', async () => {
  expect(await read('../README.md')).toContain(`\`\`\`ts\n${await read('./readme.example.ts')}\`\`\``)
})

it('shows a program that runs', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await import('./readme.example.js')
  expect(log.mock.calls).toEqual([['failed', 1]])
})
