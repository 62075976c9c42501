import { expect, it, onTestFinished } from 'vitest'
import { startChild, type Child } from './child.js'
import { givenMosquitto, givenObserver } from './fixtures.js'

function givenLife(url: string, protocol: string, mode: 'hang' | 'ack'): Child {
  const child = startChild(new URL('crash-child.ts', import.meta.url), [url, protocol, mode])
  onTestFinished(async () => void (await child.end('SIGKILL')))
  return child
}

it.for(['5', '3.1.1'] as const)('handles after a SIGKILL what was in its handlers, MQTT %s', async (protocol, ctx) => {
  const { url } = await givenMosquitto(ctx)
  const observer = await givenObserver(url)
  const first = givenLife(url, protocol, 'hang')
  await first.until((lines) => lines.length === 1)
  for (const topic of ['one/a', 'two/a', 'one/b', 'two/b', 'one/c']) await observer.publish(topic, topic, 2)
  await first.until((lines) => lines.length === 6)
  await first.end('SIGKILL')

  const second = givenLife(url, protocol, 'ack')
  await second.until((lines) => lines.length === 6)
  expect(second.lines.toSorted()).toEqual(['one/a', 'one/b', 'one/c', 'open', 'two/a', 'two/b'])
  await observer.publish('one/last', 'last', 2)
  await second.until((lines) => lines.includes('last'))
  // PUBREC and PUBACK of what went before are on their way when a later message arrives; the one of `last` may be cut off.
  await second.end('SIGKILL')

  const third = givenLife(url, protocol, 'ack')
  await observer.publish('one/marker', 'marker', 2)
  await third.until((lines) => lines.includes('open') && lines.includes('marker'))
  expect(third.lines.filter((line) => line !== 'last').toSorted()).toEqual(['marker', 'open'])
})
