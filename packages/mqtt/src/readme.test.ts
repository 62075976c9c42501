import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { abilitiesTable } from '../test/brokers/kinds.js'

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

it('shows in the README the program that is compiled', () => {
  const [, program] = /```ts\n(.*?)```/s.exec(read('README.md')) ?? []
  expect(program).toBe(read('test/readme.example.ts'))
})

it('shows in the README what the tests found the brokers able to do', () => {
  expect(read('README.md')).toContain(abilitiesTable())
})
