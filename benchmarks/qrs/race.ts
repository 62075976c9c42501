import { setImmediate } from 'node:timers/promises'
import type { Client } from './clients.js'
import { baseline } from './clients.js'
import { createRandom, shuffled } from '../router/random.js'

/** What a race told about one client: medians over the rounds. */
export interface Result {
  readonly name: string
  readonly requestsPerSecond: number
  readonly p99Ms: number
  /** Of the client's process, in microseconds. */
  readonly cpuPerRequest: number
  /** Against the baseline, round by round. */
  readonly ratio: { readonly requestsPerSecond: number; readonly p99: number; readonly cpu: number }
}

/** How long a race is. */
export interface RaceOptions {
  readonly rounds: number
  /** Of each client in each round. */
  readonly requests: number
  /** Requests under way at any time. */
  readonly concurrency: number
}

interface Turn {
  readonly requestsPerSecond: number
  readonly p99: number
  readonly cpu: number
}

/** Lets the clients take turns in one process, in a random order each round, so that what disturbs the machine disturbs all. */
export async function race(clients: readonly Client[], { rounds, requests, concurrency }: RaceOptions): Promise<Result[]> {
  const random = createRandom(1)
  const turns = new Map(clients.map(({ name }) => [name, [] as Turn[]]))
  // First for the compiler and for the connections.
  for (const client of clients) await takeTurn(client, requests, concurrency)
  for (let round = 0; round < rounds; round++) {
    for (const client of shuffled(random, clients)) {
      // Sockets that the one before has left are closed before this one begins. No forced collection: V8 would throw away the compiled code of
      // those whose turn is long ago.
      await setImmediate()
      turns.get(client.name)!.push(await takeTurn(client, requests, concurrency))
    }
  }
  const base = turns.get(baseline)!
  return [...turns].map(([name, own]) => ({
    name,
    requestsPerSecond: median(own.map((turn) => turn.requestsPerSecond)),
    p99Ms: median(own.map((turn) => turn.p99)),
    cpuPerRequest: median(own.map((turn) => turn.cpu)),
    ratio: {
      requestsPerSecond: median(own.map((turn, round) => turn.requestsPerSecond / base[round]!.requestsPerSecond)),
      p99: median(own.map((turn, round) => turn.p99 / base[round]!.p99)),
      cpu: median(own.map((turn, round) => turn.cpu / base[round]!.cpu)),
    },
  }))
}

async function takeTurn({ list, share }: Client, requests: number, concurrency: number): Promise<Turn> {
  // Enough for each worker to come to its stride: fifty at once that make one request each are one burst.
  const total = Math.max(concurrency * 4, Math.ceil(requests / share))
  const times: number[] = []
  let begun = 0
  const worker = async () => {
    while (begun++ < total) {
      const since = performance.now()
      const { length } = await list()
      times.push(performance.now() - since)
      if (length !== 100) throw new Error(`${length} apps came`)
    }
  }
  const cpu = process.cpuUsage()
  const since = performance.now()
  await Promise.all(Array.from({ length: concurrency }, worker))
  const ms = performance.now() - since
  const { user, system } = process.cpuUsage(cpu)
  const sorted = times.toSorted((a, b) => a - b)
  return { requestsPerSecond: (total / ms) * 1_000, p99: sorted[Math.floor(sorted.length * 0.99)]!, cpu: (user + system) / total }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
