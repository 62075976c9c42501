// oxlint-disable-next-line import/no-unassigned-import -- NestJS needs it loaded first
import 'reflect-metadata'
import { createTopicMatcher } from '@butlerkit/core'
import { ServerMqtt } from '@nestjs/microservices/server/server-mqtt.js'
import findMyWay from 'find-my-way'
import { LinearRouter } from 'hono/router/linear-router'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import { Memoirist } from 'memoirist'
import createEmitter from 'mqemitter'
import MqttEmitter from 'mqtt-emitter'
import mqttMatch from 'mqtt-match'
import mqttPattern from 'mqtt-pattern'
import { Qlobber } from 'qlobber'

/** A router filled and asked in the same way as all the others: filters with a number each, the numbers of those that match. */
export interface Router {
  add(filter: string, value: number): void
  /** Absent where a router cannot take a route out, or not at once. */
  remove?(filter: string, value: number): void
  match(topicName: string): readonly number[]
}

/** How to make one, and what it can take. */
export interface RouterKind {
  readonly name: string
  create(): Router
  /** What it answers by design: all matching filters, one of them, or only those equal to the topic name. */
  readonly answers: 'all' | 'one' | 'exact'
  /** The most filters it is timed with, and why no more. */
  readonly maxFilters?: number
  readonly because?: string
}

const asksEvery = { maxFilters: 1_000, because: 'it asks every pattern in turn' }
const forPaths = 'its routes are paths'

/** Ours first, then the one all are compared with. */
export const kinds: readonly RouterKind[] = [
  { name: 'butlerkit', answers: 'all', create: () => createTopicMatcher<number>() },
  {
    name: 'qlobber',
    answers: 'all',
    create() {
      // Its limits on words and wildcards are lifted, or it throws on long topics.
      const limits = { max_words: 100_000, max_wildcard_somes: 100_000 }
      return new Qlobber({ separator: '/', wildcard_one: '+', wildcard_some: '#', match_empty_levels: true, ...limits })
    },
  },
  { name: 'mqemitter', answers: 'all', maxFilters: 100_000, because: 'it is qlobber underneath', create: mqemitter },
  { name: 'mqtt-emitter', answers: 'all', maxFilters: 10_000, because: 'it is far behind by then', create: mqttEmitter },
  { name: 'mqtt-match', answers: 'all', ...asksEvery, create: () => linear(mqttMatch) },
  { name: 'mqtt-pattern', answers: 'all', ...asksEvery, create: () => linear(mqttPattern.matches) },
  { name: 'nest', answers: 'all', ...asksEvery, create: () => linear(ServerMqtt.prototype.matchMqttPattern) },
  { name: 'hono trie', answers: 'all', maxFilters: 10_000, because: forPaths, create: () => hono(new TrieRouter()) },
  {
    name: 'hono smart',
    answers: 'all',
    maxFilters: 1_000,
    because: `${forPaths}; it builds one regular expression`,
    create: () => hono(new SmartRouter({ routers: [new RegExpRouter(), new TrieRouter()] })),
  },
  { name: 'hono linear', answers: 'all', ...asksEvery, create: () => hono(new LinearRouter()) },
  { name: 'find-my-way', answers: 'one', maxFilters: 10_000, because: forPaths, create: findOneWay },
  { name: 'memoirist', answers: 'one', maxFilters: 100_000, because: forPaths, create: memoirist },
  { name: 'Map.get', answers: 'exact', create: exactMap },
]

function linear(matches: (filter: string, topicName: string) => boolean): Router {
  const entries: { filter: string; value: number }[] = []
  return {
    add: (filter, value) => void entries.push({ filter, value }),
    remove(filter, value) {
      const index = entries.findIndex((entry) => entry.filter === filter && entry.value === value)
      if (index !== -1) entries.splice(index, 1)
    },
    match(topicName) {
      const found: number[] = []
      for (const { filter, value } of entries) if (matches(filter, topicName)) found.push(value)
      return found
    },
  }
}

function mqemitter(): Router {
  const emitter = createEmitter()
  let found: number[] = []
  return {
    add(filter, value) {
      emitter.on(filter, (_message, done) => {
        found.push(value)
        done()
      })
    },
    match(topic) {
      found = []
      emitter.emit({ topic })
      return found
    },
  }
}

function mqttEmitter(): Router {
  const emitter = new MqttEmitter()
  const listeners = new Map<number, (found: number[]) => void>()
  return {
    add(filter, value) {
      const listener = (found: number[]) => void found.push(value)
      listeners.set(value, listener)
      emitter.on(filter, listener)
    },
    remove(filter, value) {
      emitter.removeListener(filter, listeners.get(value)!)
    },
    match(topicName) {
      const found: number[] = []
      emitter.emit(topicName, found)
      return found
    },
  }
}

/** The nearest path: `a/+/#` becomes `/a/:p1/*`. */
function toPath(filter: string): string {
  return `/${filter
    .split('/')
    .map((level, i) => (level === '+' ? `:p${i}` : level === '#' ? '*' : level))
    .join('/')}`
}

interface HonoRouter {
  add(method: string, path: string, handler: number): void
  match(method: string, path: string): readonly [readonly (readonly [number, unknown])[], ...unknown[]]
}

function hono(router: HonoRouter): Router {
  return {
    add: (filter, value) => router.add('GET', toPath(filter), value),
    match: (topicName) => router.match('GET', `/${topicName}`)[0].map(([value]) => value),
  }
}

function findOneWay(): Router {
  const router = findMyWay()
  return {
    add: (filter, value) => router.on('GET', toPath(filter), () => value),
    match(topicName) {
      const found = router.find('GET', `/${topicName}`)
      return found === null ? [] : [(found.handler as unknown as () => number)()]
    },
  }
}

function memoirist(): Router {
  const router = new Memoirist<number>()
  return {
    add: (filter, value) => void router.add('GET', toPath(filter), value),
    match(topicName) {
      const found = router.find('GET', `/${topicName}`)
      return found === null ? [] : [found.store]
    },
  }
}

/** No router, but the ceiling: what one look-up of the whole topic name takes. */
function exactMap(): Router {
  const values = new Map<string, number[]>()
  const none: number[] = []
  return {
    add(filter, value) {
      const before = values.get(filter)
      if (before === undefined) values.set(filter, [value])
      else before.push(value)
    },
    remove(filter, value) {
      const before = values.get(filter)
      if (before?.length === 1) values.delete(filter)
      else before?.splice(before.indexOf(value), 1)
    },
    match: (topicName) => values.get(topicName) ?? none,
  }
}
