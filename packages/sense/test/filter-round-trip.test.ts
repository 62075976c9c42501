import { q, type QrsFilter } from '@butlerkit/sense'
import { expect, it } from 'vitest'
import { openSite } from './support/site.js'

// Whatever a filter is made of, a site must read it as it was meant: the simulator's parser was written on its own, from the grammar.

const seedNumber = Number(process.env['FILTER_SEED'] ?? Date.now() % 1_000_000)
const say = `FILTER_SEED=${seedNumber}`

it(`finds any name by itself, and nothing else (${say})`, async () => {
  const random = createRandom(seedNumber)
  const names = [...new Set(Array.from({ length: 60 }, () => randomName(random)))]
  await using t = await openSite({ seed: { apps: names.map((name) => ({ name })) } })
  for (const name of names) {
    const found = await t.sense.qrs.apps.list({ filter: q`name eq ${q.text(name)}` })
    expect(found.map((app) => app.name).toSorted(), name).toEqual(
      names.filter((each) => each.toLowerCase() === name.toLowerCase()).toSorted(),
    )
  }
})

it(`means the same to the site as to us, however conditions are nested (${say})`, async () => {
  const random = createRandom(seedNumber)
  const apps = Array.from({ length: 24 }, (_, index) => ({
    name: `${randomName(random)}${index}`,
    fileSize: Math.floor(random() * 4) * 1_000,
    ...(random() < 0.5 && { stream: 'Everyone' }),
  }))
  await using t = await openSite({ seed: { apps } })
  const all = await t.sense.qrs.apps.list()
  for (let round = 0; round < 80; round++) {
    const { filter, matches } = condition(random, apps, 3)
    const found = await t.sense.qrs.apps.list({ filter })
    const expected = apps.filter(matches).map(({ name }) => name)
    expect(found.map(({ name }) => name).toSorted(), filter.text).toEqual(expected.toSorted())
  }
  expect(all).toHaveLength(apps.length)
})

interface SeedApp {
  readonly name: string
  readonly fileSize: number
  readonly stream?: string
}

interface Condition {
  readonly filter: QrsFilter
  matches(app: SeedApp): boolean
}

function condition(random: () => number, apps: readonly SeedApp[], depth: number): Condition {
  const kind = depth === 0 ? Math.floor(random() * 3) : Math.floor(random() * 5)
  if (kind === 0) {
    const name = apps[Math.floor(random() * apps.length)]?.name ?? ''
    const lower = name.toLowerCase()
    return random() < 0.5
      ? { filter: q`name eq ${q.text(name)}`, matches: (app) => app.name.toLowerCase() === lower }
      : { filter: q`name ne ${q.text(name)}`, matches: (app) => app.name.toLowerCase() !== lower }
  }
  if (kind === 1) {
    const bytes = Math.floor(random() * 4) * 1_000
    return { filter: q`fileSize ge ${bytes}`, matches: (app) => app.fileSize >= bytes }
  }
  if (kind === 2) {
    const published = random() < 0.5
    return { filter: q`published eq ${published}`, matches: (app) => (app.stream !== undefined) === published }
  }
  const parts = Array.from({ length: 1 + Math.floor(random() * 3) }, () => condition(random, apps, depth - 1))
  const filters = parts.map(({ filter }) => filter)
  if (kind === 3) return { filter: q.and(...filters), matches: (app) => parts.every((part) => part.matches(app)) }
  return { filter: q.or(...filters), matches: (app) => parts.some((part) => part.matches(app)) }
}

const pieces = [
  "'",
  '\\',
  '"',
  '&',
  '#',
  '%',
  '+',
  '?',
  '/',
  ' ',
  '(',
  ')',
  ' and ',
  ' or ',
  ' eq ',
  'é',
  '–',
  '日',
  '😀',
  ';',
  '=',
  'x',
  'Q1',
  "\\'",
  "''",
  '%27',
]

function randomName(random: () => number): string {
  const name = Array.from({ length: 1 + Math.floor(random() * 6) }, () => pieces[Math.floor(random() * pieces.length)]).join('')
  return `n${name}n`
}

/** A small generator of our own, so that a failure can be repeated. @see Mulberry32 */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
