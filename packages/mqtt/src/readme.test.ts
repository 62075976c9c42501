import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

it('shows in the README the program that is compiled', () => {
  const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
  const [, program] = /```ts\n(.*?)```/s.exec(read('README.md')) ?? []
  expect(program).toBe(read('test/readme.example.ts'))
})
