import { expect, it, onTestFinished } from 'vitest'
import { startChild } from './child.js'
import { givenMosquitto } from './fixtures.js'

const payloadsMiB = (100_000 * 2_048) / 1_048_576

// [bound, refused, most MiB while they wait]: what waits takes its payload and little more, what is refused nothing.
it.for([
  [1_000, 99_000, 10],
  [100_000, 0, payloadsMiB * 1.5],
] as const)(
  'holds of 100,000 messages of 2 kB no more than %i, and lets go of them once they are sent',
  async ([max, refused, mostMiB], ctx) => {
    const broker = await givenMosquitto(ctx)
    await broker.stop()
    const child = startChild(new URL('outbox-memory-child.ts', import.meta.url), [broker.url, String(max)])
    onTestFinished(async () => void (await child.end('SIGKILL')))
    const told = async (what: string) => {
      await child.until((lines) => lines.some((line) => line.startsWith(what)))
      return child.lines.at(-1)?.split(' ').slice(1).map(Number)
    }
    const [waitingMiB, atOnceRefused] = (await told('waiting')) ?? []
    expect(atOnceRefused).toBe(refused)
    expect(waitingMiB).toBeLessThanOrEqual(mostMiB)
    await broker.start()
    const [afterMiB, sent] = (await told('sent')) ?? []
    expect(sent).toBe(100_000 - refused)
    expect(afterMiB).toBeLessThanOrEqual(10)
  },
)
