import { describe, expect, it } from 'vitest'
import { createRouter } from '../router/router.js'
import type { RouteOptions } from '../router/route-options.js'
import { topic } from '../topic/topic.js'
import type { QoS, TransportCapabilities } from '../transport/transport.js'
import { planSubscriptions, planTransition, routesFor } from './subscription-plan.js'

function plan(
  routes: readonly (readonly [pattern: string, options?: RouteOptions & { qos?: QoS }])[],
  more: Partial<TransportCapabilities> = {},
  group?: string,
) {
  const router = createRouter()
  for (const [pattern, { qos, ...options } = {}] of routes) router.on(topic(pattern, qos === undefined ? {} : { qos }), () => {}, options)
  const capabilities = { publish: true, qos: 2, retain: true, reply: true, userProperties: true, ackControl: true, ...more } as const
  const made = planSubscriptions(router.routes, { name: 'mqtt', capabilities }, group, [])
  return {
    made,
    routes: router.routes,
    filters: made.subscriptions.map(({ filter }) => filter),
    subscriptions: made.subscriptions,
    patternsFor: (...ids: (number | undefined)[]) => {
      const known = ids.filter((id) => id !== undefined)
      return routesFor(made, router.routes, ids.length === 0 ? undefined : known).map((route) => route.topic.pattern)
    },
    id: (filter: string) => made.subscriptions.find((each) => each.filter === filter)?.id,
  }
}

const identified = { subscriptionIdentifiers: true }

describe('the subscriptions of a butler', () => {
  it.each<[string, Parameters<typeof plan>[0], Partial<TransportCapabilities>, string[]]>([
    ['leave out what another one covers', [['a/b'], ['a/#rest'], ['c']], identified, ['a/#', 'c']],
    ['may overlap where messages tell by which they came', [['a/+x'], ['+x/b']], identified, ['a/+', '+/b']],
    ['are joined where messages do not tell', [['a/+x'], ['+x/b']], {}, ['+/+']],
    [
      'leave out other transports',
      [
        ['a', { from: 'mqtt' }],
        ['b', { from: 'other' }],
      ],
      {},
      ['a'],
    ],
    [
      'are shared where the route says so',
      [['a', { group: 'g' }], ['a'], ['b', { group: 'g' }]],
      identified,
      ['$share/g/a', '$share/g/b', 'a'],
    ],
  ])('%s', (_, routes, capabilities, filters) => {
    expect(plan(routes, capabilities).filters).toEqual(filters)
  })

  it("are shared in the butler's group, unless the route names another", () => {
    expect(plan([['a'], ['b', { group: 'other' }]], identified, 'all').filters).toEqual(['$share/all/a', '$share/other/b'])
  })

  it('have the quality of service of the contract, 1 where it names none, lowered to what there is', () => {
    expect(plan([['a'], ['b', { qos: 2 }], ['c', { qos: 0 }]], { qos: 1 }).subscriptions.map(({ qos }) => qos)).toEqual([1, 1, 0])
  })

  it('have identifiers within bounds that stay the same whatever other routes there are', () => {
    const some = plan([['a/+x'], ['+x/b']], identified)
    const more = plan([['z'], ['+x/b'], ['a/+x']], identified)
    for (const filter of ['a/+', '+/b']) expect(some.id(filter)).toBe(more.id(filter))
    for (const { id } of more.subscriptions) expect(id).toSatisfy((value: number) => value >= 1 && value <= 268_435_455)
    expect(new Set(more.subscriptions.map(({ id }) => id)).size).toBe(3)
  })
})

describe('a message', () => {
  const overlapping = plan([['a/+x'], ['+x/b'], ['a/b']], identified)

  it('that comes once for each subscription runs each route once', () => {
    expect(overlapping.patternsFor(overlapping.id('a/+'))).toEqual(['a/+x', 'a/b'])
    expect(overlapping.patternsFor(overlapping.id('+/b'))).toEqual(['+x/b'])
  })

  it('that comes once for all of them runs all', () => {
    expect(overlapping.patternsFor(overlapping.id('a/+'), overlapping.id('+/b'))).toEqual(['a/+x', '+x/b', 'a/b'])
  })

  it.each([[[]], [[12_345]]])('by subscriptions we do not know (%j) runs all', (ids) => {
    expect(overlapping.patternsFor(...ids)).toEqual(['a/+x', '+x/b', 'a/b'])
  })

  it('of a group is for the routes of the group', () => {
    const grouped = plan([['a', { group: 'g' }], ['a']], identified)
    expect(grouped.patternsFor(grouped.id('$share/g/a'))).toHaveLength(1)
  })
})

describe('while the broker goes from one plan to another, a message', () => {
  const before = plan([['a/b']], identified)
  const kept = before.routes[0]!
  const added = createRouter().on(topic('a/+x'), () => {}).routes[0]!
  const capabilities = { publish: true, qos: 2, retain: true, reply: true, userProperties: true, ackControl: true, ...identified } as const
  const after = planSubscriptions([kept, added], { name: 'mqtt', capabilities }, undefined, [])
  const between = planTransition(before.made, after)
  const idOf = (filter: string) => after.subscriptions.find((each) => each.filter === filter)?.id ?? 0
  const patterns = (ids: number[]) => routesFor(between, [kept, added], ids).map((route) => route.topic.pattern)

  it('by the old subscription is for the routes there were', () => {
    expect(patterns([before.id('a/b') ?? 0])).toEqual(['a/b'])
  })

  it('by the new subscription is for all, as it may be the only copy', () => {
    expect(patterns([idOf('a/+')])).toEqual(['a/b', 'a/+x'])
  })

  it('by both at once is for all', () => {
    expect(patterns([before.id('a/b') ?? 0, idOf('a/+')])).toEqual(['a/b', 'a/+x'])
  })
})
