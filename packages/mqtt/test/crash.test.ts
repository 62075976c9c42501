import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { givenMosquitto, givenObserver } from './fixtures.js'

interface Life {
  readonly lines: readonly string[]
  until(condition: (lines: readonly string[]) => boolean): Promise<void>
  kill(): Promise<void>
}

function givenLife(url: string, protocol: string, mode: 'hang' | 'ack'): Life {
  const file = fileURLToPath(new URL('crash-child.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', file, url, protocol, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  onTestFinished(kill)
  const lines: string[] = []
  let ask = () => {}
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      ask()
    })
  }
  return {
    lines,
    until: (condition) =>
      new Promise((resolve) => {
        ask = () => condition(lines) && resolve()
        ask()
      }),
    kill,
  }
}

it.for(['5', '3.1.1'] as const)('handles after a SIGKILL what was in its handlers, MQTT %s', async (protocol, ctx) => {
  const { url } = await givenMosquitto(ctx)
  const observer = await givenObserver(url)
  const first = givenLife(url, protocol, 'hang')
  await first.until((lines) => lines.length === 1)
  for (const topic of ['one/a', 'two/a', 'one/b', 'two/b', 'one/c']) await observer.publish(topic, topic, 2)
  await first.until((lines) => lines.length === 6)
  await first.kill()

  const second = givenLife(url, protocol, 'ack')
  await second.until((lines) => lines.length === 6)
  expect(second.lines.toSorted()).toEqual(['one/a', 'one/b', 'one/c', 'open', 'two/a', 'two/b'])
  await observer.publish('one/last', 'last', 2)
  await second.until((lines) => lines.includes('last'))
  // PUBREC and PUBACK of what went before are on their way when a later message arrives; the one of `last` may be cut off.
  await second.kill()

  const third = givenLife(url, protocol, 'ack')
  await observer.publish('one/marker', 'marker', 2)
  await third.until((lines) => lines.includes('open') && lines.includes('marker'))
  expect(third.lines.filter((line) => line !== 'last').toSorted()).toEqual(['marker', 'open'])
})
