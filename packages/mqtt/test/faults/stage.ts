import {
  createButler,
  createRouter,
  exponential,
  messageOf,
  text,
  topic,
  type Butler,
  type ButlerOptions,
  type RouteOptions,
} from '@butlerkit/core'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { mqtt, type MqttOptions } from '../../src/index.js'
import { startChild, type Child } from '../child.js'

/** What the behaviour tests play on: a butler with one route, `work/#rest`, whose payload is text. */

export const work = topic('work/#rest', { codec: text, payload: z.string(), qos: 1 })

/** What has happened, line by line, and a way to wait for it. */
export interface Journal {
  readonly lines: readonly string[]
  write(line: string): void
  until(condition: (lines: readonly string[]) => boolean): Promise<void>
}

export function createJournal(): Journal {
  const lines: string[] = []
  const waiting = new Set<() => void>()
  return {
    lines,
    write(line) {
      lines.push(line)
      for (const ask of waiting) ask()
    },
    until: (condition) =>
      new Promise((resolve) => {
        const ask = () => {
          if (!condition(lines)) return
          waiting.delete(ask)
          resolve()
        }
        waiting.add(ask)
        ask()
      }),
  }
}

export interface GivenButler {
  readonly butler: Butler
  /** `handled`, `failed`, `invalid`, `deadLettered` with the topic; `health` with state and reason. */
  readonly journal: Journal
}

type Handle = (payload: string) => unknown

/** A butler that is not started yet, and reconnects quickly. It is stopped when the test is over. */
export function makeButler(
  options: MqttOptions,
  handle: Handle = () => {},
  { route, ...butlerOptions }: Partial<ButlerOptions<{}>> & { readonly route?: RouteOptions } = {},
): GivenButler {
  const journal = createJournal()
  const router = createRouter()
  router.on(work, async ({ payload }) => void (await handle(payload)), route)
  const transport = mqtt({ reconnect: { initialMs: 10, maxMs: 100 }, ...options })
  const butler: Butler = createButler({ name: 'butler', transports: [transport], drainTimeoutMs: 200, ...butlerOptions }).mount(router)
  for (const event of ['handled', 'failed', 'invalid', 'deadLettered', 'deduplicated', 'retried'] as const) {
    butler.events.on(event, (report: { readonly topic: string; readonly error?: unknown }) =>
      journal.write(`${event} ${report.topic}${report.error === undefined ? '' : `: ${messageOf(report.error)}`}`),
    )
  }
  butler.events.on('healthChanged', ({ health }) => journal.write(`health ${health.state}${health.reason ? `: ${health.reason}` : ''}`))
  onTestFinished(() => butler.stop())
  return { butler, journal }
}

export async function givenButler(...args: Parameters<typeof makeButler>): Promise<GivenButler> {
  const given = makeButler(...args)
  await given.butler.start()
  return given
}

/** The butler of `butler-child.ts` in a process of its own, started. */
export async function givenButlerProcess(url: string, clientId: string, group = '', maxInFlight = 100): Promise<Child> {
  const child = startChild(new URL('butler-child.ts', import.meta.url), [url, clientId, group, String(maxInFlight)])
  onTestFinished(async () => void (await child.end('SIGKILL')))
  await child.until((lines) => lines.includes('started'))
  return child
}

export const quickRetries = { attempts: 4, backoff: exponential({ initialMs: 1, maxMs: 10 }) }

/** How often the connection stood. */
export const connects = ({ lines }: Journal): number => lines.filter((line) => line === 'health connected').length
