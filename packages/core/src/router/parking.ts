import type { Clock } from '../clock.js'
import type { Store } from '../store/store.js'
import type { Disposition, InboundMessage } from '../transport/transport.js'
import type { Route } from './router.js'

/** A message that waits for its next run, acknowledged, in a store. */
export interface ParkedMessage {
  readonly message: InboundMessage
  readonly transport: string
  /** The route's topic pattern. */
  readonly route: string
  /** The run to come. */
  readonly attempt: number
  readonly firstError: string
  /** Milliseconds since 1970. */
  readonly dueAt: number
}

/** Keeps messages between runs that are far apart. */
export interface Parking {
  /** Resolves once the store has it. @throws what the store fails with; it is then not run */
  park(parked: ParkedMessage, route: Route): Promise<void>
  /** Takes up what an earlier process left in the store. @throws what the store fails with */
  resume(): Promise<void>
  /** There are new routes: runs what was due and had none. */
  routesAdded(): void
  /** Forgets the timers and gives what was waiting; the store keeps it where it outlives the process. */
  stop(): Promise<readonly ParkedMessage[]>
}

/**
 * Runs a message that is due: by the route that parked it, or, where that was in an earlier process, by those of its pattern.
 *
 * @returns what became of it on each; `undefined` where there are none: it is kept until there are
 */
export type RunParked = (parked: ParkedMessage, route: Route | undefined) => Promise<readonly Disposition[]> | undefined

/** What a {@link Parking} works with. */
export interface ParkingOptions {
  /** The butler's: the store may be shared, what is parked is not. */
  readonly name: string
  readonly store: Store
  readonly clock: Clock
  readonly run: RunParked
  /** The store did not forget a message that has been run: another process may run it again. */
  readonly onError: (error: unknown) => void
}

export function createParking({ name, store, clock, run, onError }: ParkingOptions): Parking {
  const indexKey = `butlerkit/${name}/parked`
  const waiting = new Map<string, { readonly parked: ParkedMessage; readonly cancel: () => void }>()
  /** Those among them that are due, and have no route. */
  const stranded = new Set<string>()
  let writing: Promise<unknown> = Promise.resolve()
  let stopped = false

  return {
    async park(parked, route) {
      const id = crypto.randomUUID()
      await store.set(keyOf(id), toJson(parked))
      wait(id, parked, route)
      try {
        await writeIndex()
      } catch (error) {
        // It stays with its sender, who brings it again: it must not be run from here, too.
        waiting.get(id)?.cancel()
        waiting.delete(id)
        throw error
      }
    },
    async resume() {
      const ids: unknown = JSON.parse((await store.get(indexKey)) ?? '[]')
      for (const id of Array.isArray(ids) ? ids.filter((entry) => typeof entry === 'string') : []) {
        const text = await store.get(keyOf(id))
        if (text !== undefined && !waiting.has(id)) wait(id, fromJson(text))
      }
    },
    routesAdded() {
      for (const id of stranded) {
        const entry = waiting.get(id)
        if (entry) void runDue(id, entry.parked, undefined)
      }
    },
    async stop() {
      stopped = true
      await writing
      const left = [...waiting.values()]
      for (const { cancel } of left) cancel()
      waiting.clear()
      stranded.clear()
      return left.map(({ parked }) => parked)
    },
  }

  function wait(id: string, parked: ParkedMessage, route?: Route): void {
    const cancel = clock.schedule(() => void runDue(id, parked, route), Math.max(0, parked.dueAt - clock.now()))
    waiting.set(id, { parked, cancel })
  }

  async function runDue(id: string, parked: ParkedMessage, route: Route | undefined): Promise<void> {
    const running = run(parked, route)
    if (running === undefined) return void stranded.add(id)
    stranded.delete(id)
    // Run first, forget after: a crash in between runs it twice rather than never.
    const ends = await running
    // Whoever takes it up from the store runs it again.
    if (stopped) return
    if (ends.includes('leave')) return wait(id, { ...parked, dueAt: clock.now() + leftMs }, route)
    waiting.delete(id)
    try {
      await writeIndex()
      await store.delete(keyOf(id))
    } catch (error) {
      onError(error)
    }
  }

  // One write at a time, each of the ids waiting at that moment: what one could not write the next does.
  function writeIndex(): Promise<unknown> {
    const written = writing.then(() => store.set(indexKey, JSON.stringify([...waiting.keys()])))
    writing = written.catch(() => {})
    return written
  }

  function keyOf(id: string): string {
    return `${indexKey}/${id}`
  }
}

/** A parked message that was left has no sender who would bring it again. */
const leftMs = 60_000

function toJson({ message, ...parked }: ParkedMessage): string {
  const { correlationData, ...properties } = message.properties
  return JSON.stringify({
    ...parked,
    message: {
      ...message,
      payload: Buffer.from(message.payload).toString('base64'),
      properties: { ...properties, ...(correlationData && { correlationData: Buffer.from(correlationData).toString('base64') }) },
    },
  })
}

function fromJson(text: string): ParkedMessage {
  const parked = JSON.parse(text)
  const { correlationData, ...properties } = parked.message.properties
  return {
    ...parked,
    message: {
      ...parked.message,
      payload: Buffer.from(parked.message.payload, 'base64'),
      properties: { ...properties, ...(correlationData !== undefined && { correlationData: Buffer.from(correlationData, 'base64') }) },
    },
  }
}
