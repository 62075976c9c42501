import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { endpoints } from '../src/index.js'
import { apiKey, butler } from './serve.js'
import { createApp } from './readme.example.js'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

it('shows a program that compiles and runs', async () => {
  expect(await read('../README.md')).toContain(`\`\`\`ts\n${await read('./readme.example.ts')}\`\`\``)
  expect(() => createApp(butler)).toThrow('apiKeys[0] must be')
  process.env['BUTLER_API_KEY'] = apiKey
  expect(createApp(butler)).toBeTypeOf('function')
})

it('names every endpoint', async () => {
  const readme = await read('../README.md')
  expect(endpoints.filter(({ path }) => !readme.includes(`| \`${path}`))).toEqual([])
})
