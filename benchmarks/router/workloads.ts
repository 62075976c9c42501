import { createRandom, pick, shuffled, zipf, type Random } from './random.js'

/** What is filed, and what is then looked up. */
export interface Workload {
  readonly name: string
  readonly filters: readonly string[]
  /** Topic names in the order they come, as the bytes a broker sends: each is decoded anew, as MQTT clients do. */
  readonly topics: readonly Buffer[]
  /** Matches between one change (a filter taken out, another filed) and the next. Without it nothing changes. */
  readonly matchesPerChange?: number
}

/** A Butler's own twenty, and 50 topic names by Zipf. */
export function butler(): Workload {
  const random = createRandom(20)
  const task = () => uuid(random)
  const filters = [
    'qliksense/+/start_task/+',
    'qliksense/+/task/+/start',
    'qliksense/+/task/+/stop',
    'qliksense/+/task/+/failed',
    'qliksense/+/task/+/aborted',
    'qliksense/+/task/+/success',
    'qliksense/+/app/+/reload',
    'qliksense/+/app/+/export',
    'qliksense/+/session/#',
    'qliksense/+/user/+/session/open',
    'qliksense/+/user/+/session/close',
    'qliksense/lab/note/#',
    'qliksense/start_task',
    'qliksense/stop_task',
    'qliksense/about',
    'sense/task/+/failed',
    'sense/task/+/aborted',
    'sense/user/+/#',
    'butler/status/+',
    'butler/+/request/#',
  ]
  const places = ['lab', 'prod-stockholm', 'test']
  const makers = [
    () => `qliksense/${pick(random, places)}/task/${task()}/start`,
    () => `qliksense/${pick(random, places)}/task/${task()}/failed`,
    () => `qliksense/${pick(random, places)}/start_task/${task()}`,
    () => `qliksense/${pick(random, places)}/session/${pick(random, ['open', 'close'])}/user-${Math.floor(random() * 100)}`,
    () => `qliksense/${pick(random, places)}/user/user-${Math.floor(random() * 100)}/session/open`,
    () => pick(random, ['qliksense/start_task', 'qliksense/about', 'butler/status/butler-1']),
    () => `sense/task/${task()}/${pick(random, ['failed', 'aborted'])}`,
    () => `sense/user/user-${Math.floor(random() * 100)}/connection`,
    () => `butler/butler-1/request/${Math.floor(random() * 1e6)}`,
    () => `elsewhere/${pick(random, places)}/metrics/${Math.floor(random() * 1e6)}`,
  ]
  const names = Array.from({ length: 50 }, (_, i) => Buffer.from(makers[i % makers.length]!()))
  return { name: '20 patterns', filters, topics: [...zipf(random, names.length, 8_192)].map((i) => names[i]!) }
}

/** 60 % exact, 25 % with `+`, 10 % with `#`, 5 % with both, 3 to 7 levels; 10,000 topic names by Zipf, 90 % of them matched. */
export function mixed(name: string, count: number): Workload {
  const random = createRandom(count)
  const filters = mixedFilters(random, count)
  const names = shuffled(
    random,
    Array.from({ length: 10_000 }, (_, i) => Buffer.from(topicFor(random, filters, count, i))),
  )
  return { name, filters, topics: [...zipf(random, names.length, 65_536)].map((i) => names[i]!) }
}

/** The same, while filters come and go. */
export function churn(name: string, count: number, matchesPerChange: number): Workload {
  return { ...mixed(name, count), matchesPerChange }
}

/** Filters of the same kind; no topic name comes again before so many others that no bounded cache can know it. */
export function unique(name: string, count: number, topics: number): Workload {
  const random = createRandom(count + 1)
  const filters = mixedFilters(random, count)
  const names = new Set<string>()
  for (let i = 0; names.size < topics; i++) names.add(topicFor(random, filters, count * 1_000, i))
  return { name, filters, topics: [...names].map((topic) => Buffer.from(topic)) }
}

// What stands at each level: a company, a site, then kinds of things and the things themselves.
const companies = ['qliksense', 'factory', 'building', 'metering', 'fleet', 'warehouse', 'office', 'grid']
const sites = Array.from({ length: 40 }, (_, i) => `${['stockholm', 'lund', 'malmo', 'uppsala'][i % 4]}-${i}`)
const kinds = ['task', 'app', 'device', 'line', 'sensor', 'session', 'user', 'stream', 'machine', 'gateway', 'zone', 'pump']
const leaves = ['start', 'stop', 'state', 'failed', 'success', 'temperature', 'pressure', 'status', 'config', 'reload']

/** The more filters there are, the more things they are about. */
function levelAt(random: Random, depth: number, things: number): string {
  if (depth === 0) return pick(random, companies)
  if (depth === 1) return pick(random, sites)
  if (depth % 2 === 0) return pick(random, kinds)
  if (depth === 5) return pick(random, leaves)
  const number = Math.floor(random() * things)
  return `${pick(random, kinds)}-${number.toString(16).padStart(6, '0')}`
}

function mixedFilters(random: Random, count: number): string[] {
  const filters = new Set<string>()
  while (filters.size < count) {
    const depth = 3 + Math.floor(random() * 5)
    const levels = Array.from({ length: depth }, (_, i) => levelAt(random, i, count))
    const kind = random()
    if (kind >= 0.85) levels.splice(2 + Math.floor(random() * (depth - 2)), depth, '#')
    if ((kind >= 0.6 && kind < 0.85) || kind >= 0.95) {
      const literals = kind >= 0.95 ? levels.length - 1 : depth
      for (let i = 0; i < 1 + Math.floor(random() * 2); i++) levels[Math.floor(random() * literals)] = '+'
    }
    if (levels.some((level) => level !== '+' && level !== '#')) filters.add(levels.join('/'))
  }
  return [...filters]
}

/** Nine of ten are made from a filter, its wildcards filled; the tenth is about something nobody asked for. */
function topicFor(random: Random, filters: readonly string[], scale: number, index: number): string {
  if (index % 10 === 0) return `elsewhere/nowhere-${Math.floor(random() * 40)}/nothing/${Math.floor(random() * scale)}/value`
  return pick(random, filters)
    .split('/')
    .flatMap((level, depth) => {
      if (level === '+') return [levelAt(random, depth, scale)]
      if (level !== '#') return [level]
      return Array.from({ length: 1 + Math.floor(random() * 3) }, (_, i) => levelAt(random, depth + i, scale))
    })
    .join('/')
}

function uuid(random: Random): string {
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
  return [8, 4, 4, 4, 12].map(hex).join('-')
}
