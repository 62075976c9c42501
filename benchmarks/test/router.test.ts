import { describe, expect, it } from 'vitest'
import { createBruteForce, findMistake } from '../router/brute-force.js'
import { brokenRules } from '../router/conformance.js'
import { race } from '../router/measure.js'
import { createRandom, zipf } from '../router/random.js'
import { kinds, type Router, type RouterKind } from '../router/routers.js'
import { mixed } from '../router/workloads.js'

const filters = ['a/b', 'a/+', 'a/#', '+/b']
const expected = createBruteForce(filters)

function kindThatAnswers(answer: Router['match'], answers: RouterKind['answers'] = 'all'): RouterKind {
  return { name: 'test', answers, create: () => ({ add: () => {}, match: answer }) }
}

function mistakeOf(kind: RouterKind): string | undefined {
  return findMistake(kind, kind.create(), filters, ['a/b', 'x/y'], expected)
}

describe('the check before a race', () => {
  it('lets a router in that answers as brute force does, in any order', () => {
    expect(mistakeOf(kindThatAnswers((name) => expected(name).toReversed()))).toBeUndefined()
  })

  it.each([
    ['leaves one out', (name: string) => expected(name).slice(1), '"a/b": 3 of 4, without "a/b"'],
    ['gives one too many', (name: string) => (name === 'x/y' ? [1] : expected(name)), '"x/y": 1 of 0, with "a/+"'],
    ['gives one twice', (name: string) => [...expected(name), ...expected(name)], '"a/b": 8 of 4, one of them twice'],
  ])('refuses a router that %s', (_name, answer, mistake) => {
    expect(mistakeOf(kindThatAnswers(answer))).toBe(mistake)
  })

  it('refuses a router that throws', () => {
    const throwing = kindThatAnswers(() => {
      throw new Error('no such level')
    })
    expect(mistakeOf(throwing)).toBe('"a/b": throws no such level')
  })

  it('asks of a router that finds one no more than one', () => {
    expect(mistakeOf(kindThatAnswers((name) => expected(name).slice(0, 1), 'one'))).toBeUndefined()
    expect(mistakeOf(kindThatAnswers(() => [], 'one'))).toBe('"a/b": 0 of 4, without "a/b"')
  })
})

describe('the routers', () => {
  it('has ours break no rule of MQTT, and qlobber the one on $', () => {
    const [ours, qlobber] = kinds as [RouterKind, RouterKind]
    expect(brokenRules(ours)).toEqual([])
    expect(brokenRules(qlobber)).toEqual(['# keeps off $SYS', '+ keeps off $SYS'])
  })
})

describe('the race', () => {
  it('gives every runner its turns and compares it with the baseline', () => {
    const workload = mixed('test', 100)
    const runners = kinds.slice(0, 2).map((kind) => {
      const router = kind.create()
      for (const [value, filter] of workload.filters.entries()) router.add(filter, value)
      return { name: kind.name, router }
    })
    const results = race(workload, runners, { rounds: 3, turnMs: 5, turnMatches: 1_000, random: createRandom(1), baseline: 'qlobber' })
    expect(results.map(({ name }) => name)).toEqual(['butlerkit', 'qlobber'])
    expect(results[1]).toMatchObject({ ratio: 1, quartiles: [1, 1] })
    expect(results.every(({ nanoseconds }) => nanoseconds > 0)).toBe(true)
  })
})

describe('the workloads', () => {
  it('are the same in every run', () => {
    const [first, second] = [mixed('test', 200), mixed('test', 200)]
    expect(first.filters).toEqual(second.filters)
    expect(first.topics.join('\n')).toBe(second.topics.join('\n'))
  })

  it('have nine topic names of ten matched', () => {
    const { filters: filed, topics } = mixed('test', 5_000)
    const match = createBruteForce(filed)
    const sample = [...new Set(topics.map(String))].slice(0, 500)
    const share = sample.filter((topicName) => match(topicName).length > 0).length / sample.length
    expect(share).toBeGreaterThan(0.86)
    expect(share).toBeLessThan(0.94)
  })

  it('draw by Zipf: the first twice as often as the second, ten times as often as the tenth', () => {
    const counts = new Map<number, number>()
    for (const index of zipf(createRandom(1), 100, 200_000)) counts.set(index, (counts.get(index) ?? 0) + 1)
    expect(counts.get(0)! / counts.get(1)!).toBeCloseTo(2, 0)
    expect(counts.get(0)! / counts.get(9)!).toBeCloseTo(10, -1)
  })
})
