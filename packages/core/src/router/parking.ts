import type { Clock } from '../clock.js'
import type { Store } from '../store/store.js'
import type { InboundMessage } from '../transport/transport.js'
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
  /** Resolves once the store has it. */
  park(parked: ParkedMessage, route: Route): Promise<void>
  /** Takes up what an earlier process left in the store. */
  resume(): Promise<void>
  /** There are new routes: runs what was due and had none. */
  routesAdded(): void
  /** Forgets the timers and gives what was waiting; the store keeps it where it outlives the process. */
  stop(): Promise<readonly ParkedMessage[]>
}

/**
 * Runs a message that is due: by the route that parked it, or, where that was in an earlier process, by those of its pattern.
 *
 * @returns `undefined` where there are none: it is kept until there are
 */
export type RunParked = (parked: ParkedMessage, route: Route | undefined) => Promise<unknown> | undefined

/** @param name - the butler's: the store may be shared, what is parked is not */
export function createParking(name: string, store: Store, clock: Clock, run: RunParked): Parking {
  const indexKey = `butlerkit/${name}/parked`
  const waiting = new Map<string, { readonly parked: ParkedMessage; readonly cancel: () => void }>()
  /** Those among them that are due, and have no route. */
  const stranded = new Set<string>()
  let writing: Promise<unknown> = Promise.resolve()

  return {
    async park(parked, route) {
      const id = crypto.randomUUID()
      await store.set(keyOf(id), toJson(parked))
      wait(id, parked, route)
      await writeIndex()
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
    waiting.delete(id)
    // Run first, forget after: a crash in between runs it twice rather than never.
    await running
    await writeIndex()
    await store.delete(keyOf(id))
  }

  // One write at a time, each of the ids waiting at that moment.
  function writeIndex(): Promise<unknown> {
    writing = writing.then(() => store.set(indexKey, JSON.stringify([...waiting.keys()])))
    return writing
  }

  function keyOf(id: string): string {
    return `${indexKey}/${id}`
  }
}

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
