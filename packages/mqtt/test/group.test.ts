import { expect, it, onTestFinished } from 'vitest'
import { startChild } from './child.js'
import { givenMosquitto } from './fixtures.js'

it('spreads work over the butlers of a group', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const child = startChild(new URL('faults/group.ts', import.meta.url), [url, '2', '200'])
  onTestFinished(async () => void (await child.end('SIGKILL')))
  await child.until((lines) => lines.length === 2)
  const [alone, both] = child.lines.map((line) => JSON.parse(line) as { readonly processes: number; readonly shares: number[] })
  expect(alone).toMatchObject({ processes: 1, shares: [200] })
  expect(both?.shares.reduce((sum, share) => sum + share, 0)).toBe(200)
  expect(both?.shares.every((share) => share > 50)).toBe(true)
})
