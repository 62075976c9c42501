import { expect, it, onTestFinished } from 'vitest'
import { hasNats, startNats } from './brokers/nats.js'
import { startChild } from './child.js'
import { givenMosquitto, givenObserver } from './fixtures.js'

it('carries everything through a cluster of NATS servers to a butler at each of two', async (ctx) => {
  ctx.skip(!hasNats, 'nats-server is not installed')
  // Three, as two could not tell which of them is gone. One is killed by the command `cluster`.
  const { servers, close } = await startNats(3)
  onTestFinished(close)
  const [first, second, third] = servers
  if (!first || !second || !third) throw new Error('a cluster of three')
  const butlers = [first, second].map(({ url }, index) => {
    const child = startChild(new URL('faults/butler-child.ts', import.meta.url), [url, `cluster-${index}`])
    onTestFinished(async () => void (await child.end('SIGKILL')))
    return child
  })
  await Promise.all(butlers.map((butler) => butler.until((lines) => lines.includes('started'))))
  const sender = await givenObserver(second.url)
  const numbers = Array.from({ length: 300 }, (_, index) => `${index}`)
  for (const number of numbers) await sender.publish('work/cluster', number)
  // Each butler has its own session, so that both handle all.
  for (const butler of butlers) {
    await butler.until((lines) => new Set(lines.filter((line) => line.startsWith('done'))).size === numbers.length)
  }
  expect(butlers.map(({ lines }) => new Set(lines.filter((line) => line.startsWith('done'))).size)).toEqual([300, 300])
}, 60_000)

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
