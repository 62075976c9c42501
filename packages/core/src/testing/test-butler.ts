import { createButler, type Butler } from '../butler/butler.js'
import type { Logger } from '../logger.js'
import { deadLetters, type DeadLetter } from '../router/dead-letter.js'
import type { Mountable } from '../router/router.js'
import type { Store } from '../store/store.js'
import { topicMatches } from '../topic/topic-filter.js'
import type { TopicOf, TopicTypes } from '../topic/topic.js'
import { createMemoryBroker, type MemoryBroker } from '../transport/memory-transport.js'
import type { OutboundMessage } from '../transport/transport.js'
import { createVirtualClock, type VirtualClock } from './virtual-clock.js'

/** What is tested. */
export interface TestButlerOptions<Services extends object> {
  readonly services?: Services
  /** Routers to mount. */
  readonly mount: readonly Mountable<Services>[]
  readonly store?: Store
  readonly logger?: Logger
}

/** A message somebody published. */
export interface PublishedMessage<T extends TopicTypes> {
  readonly topic: string
  readonly params: T['params']
  readonly payload: T['payload']
  readonly retain: boolean
}

/** A started butler on a broker in the process, with a clock that stands still. */
export interface TestButler<Services extends object> extends AsyncDisposable {
  readonly butler: Butler<Services>
  readonly broker: MemoryBroker
  readonly clock: VirtualClock
  readonly publish: Butler['publish']
  readonly request: Butler['request']
  readonly tryRequest: Butler['tryRequest']
  /** Resolves once everything that messages have caused is done, or waits for the clock. */
  settled(): Promise<void>
  /** What was published on a contract's topics so far, by anybody, decoded. */
  published<T extends TopicTypes>(topic: TopicOf<T>): readonly PublishedMessage<T>[]
  /** What was dead-lettered so far. */
  deadLetters(): readonly DeadLetter[]
}

/** Starts a butler for a test: no broker, no network, no waiting. Dispose of it to stop it. */
export async function testButler<Services extends object = {}>(options: TestButlerOptions<Services>): Promise<TestButler<Services>> {
  const { mount, ...rest } = options
  const clock = createVirtualClock()
  const sent: OutboundMessage[] = []
  const broker = createMemoryBroker({ published: (message) => sent.push(message) })
  const butler = createButler<Services>({ name: 'test', transports: [broker.transport()], clock, ...rest })
  for (const router of mount) butler.mount(router)
  await butler.start()

  return {
    butler,
    broker,
    clock,
    publish: butler.publish,
    request: butler.request,
    tryRequest: butler.tryRequest,
    async settled() {
      do await new Promise((resolve) => setImmediate(resolve))
      while (butler.metrics().active > 0)
    },
    published: (topic) =>
      sent
        .filter((message) => topicMatches(topic.filter, message.topic))
        .map((message) => ({
          topic: message.topic,
          params: topic.match(message.topic),
          payload: topic.codec.decode(message.payload),
          retain: message.retain,
        })),
    deadLetters: () =>
      sent
        .filter(({ topic }) => topicMatches(deadLetters.filter, topic))
        .map(({ payload }) => deadLetters.codec.decode(payload) as DeadLetter),
    [Symbol.asyncDispose]: () => butler.stop(),
  }
}
