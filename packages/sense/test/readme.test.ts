import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const names = ['readme', 'readme-tasks', 'readme-repository', 'readme-engine', 'readme-events', 'readme-cloud', 'readme-webhook']
const programs = names.map((name) => `${name}.example.ts`)

it.each(programs)('the README shows %s as it compiles', async (name) => {
  const [readme, program] = await Promise.all([`../README.md`, name].map((file) => readFile(new URL(file, import.meta.url), 'utf8')))
  expect(readme).toContain(`\`\`\`ts\n${program}\`\`\``)
})
