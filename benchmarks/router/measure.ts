import { shuffled, type Random } from './random.js'
import type { Router } from './routers.js'
import type { Workload } from './workloads.js'

/** A filled router in a race. */
export interface Runner {
  readonly name: string
  readonly router: Router
}

/** What a race told about a runner. */
export interface Result {
  readonly name: string
  /** Nanoseconds per match, changes included; the median over all rounds. */
  readonly nanoseconds: number
  /** How many times faster than the baseline: median, and the quartiles over the rounds. */
  readonly ratio: number
  readonly quartiles: readonly [number, number]
}

export interface RaceOptions {
  readonly rounds: number
  /** A turn ends after this long, whatever was matched by then. */
  readonly turnMs: number
  /** A turn ends after so many matches, unless its time is over first. */
  readonly turnMatches: number
  readonly random: Random
  /** The runner that the others are compared with. */
  readonly baseline: string
}

/**
 * Lets runners take turns in one process, in a new random order each round, so that what disturbs the machine disturbs all. A turn is long
 * enough for a runner to have its own data back in the processor's caches. Topic names are decoded anew, outside the time that counts.
 */
export function race(workload: Workload, runners: readonly Runner[], options: RaceOptions): Result[] {
  const turns = new Map(runners.map((runner) => [runner.name, createTurn(workload, runner.router, options)]))
  const times = new Map(runners.map((runner): [string, number[]] => [runner.name, []]))
  // First for the compiler, and for what learns from traffic.
  for (const turn of turns.values()) turn(4)
  for (let round = 0; round < options.rounds; round++) {
    for (const { name } of shuffled(options.random, runners)) times.get(name)!.push(turns.get(name)!(1))
  }
  const baseline = times.get(options.baseline)!
  return runners.map(({ name }) => {
    const own = times.get(name)!
    const ratios = own.map((time, round) => baseline[round]! / time)
    const quartiles: [number, number] = [quantile(ratios, 0.25), quantile(ratios, 0.75)]
    return { name, nanoseconds: quantile(own, 0.5), ratio: quantile(ratios, 0.5), quartiles }
  })
}

/** A function that takes a turn, or several in one, and returns nanoseconds per match. Every runner goes through the topics at its own pace. */
function createTurn({ topics, matchesPerChange, filters }: Workload, router: Router, options: RaceOptions): (turns: number) => number {
  const change = matchesPerChange === undefined ? () => {} : createChange(router, filters)
  let next = 0
  let untilChange = matchesPerChange ?? Infinity
  let batchSize = 8
  return (turns) => {
    let spent = 0
    let matched = 0
    while (matched < options.turnMatches * turns && spent < options.turnMs * 1e6 * turns) {
      const batch: string[] = []
      for (let i = 0; i < batchSize; i++) {
        batch.push(topics[next]!.toString())
        next = (next + 1) % topics.length
      }
      const start = process.hrtime.bigint()
      for (const topicName of batch) {
        consume(router.match(topicName))
        if (--untilChange === 0) {
          change()
          untilChange = matchesPerChange!
        }
      }
      const time = Number(process.hrtime.bigint() - start)
      spent += time
      matched += batchSize
      // Large enough for the clock, small enough for the strings to stay in the processor's caches.
      if (time < 100_000 && batchSize < 512) batchSize *= 2
    }
    return spent / matched
  }
}

/** Takes the oldest filter out and files it again; the filters stay the same, the router cannot know. */
function createChange(router: Router, filters: readonly string[]): () => void {
  let oldest = 0
  return () => {
    router.remove!(filters[oldest]!, oldest)
    router.add(filters[oldest]!, oldest)
    oldest = (oldest + 1) % filters.length
  }
}

let consumed = 0

/** Uses an answer, so that no compiler leaves its making out. */
function consume(values: readonly number[]): void {
  consumed += values.length
  if (consumed < 0) throw new Error('never')
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]!
  return below + (sorted[Math.ceil(place)]! - below) * (place % 1)
}
