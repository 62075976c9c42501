import { describe, expect, it } from 'vitest'
import { apps } from '../qrs/apps.js'
import { baseline, others, ours, type Client } from '../qrs/clients.js'
import { race, type Result } from '../qrs/race.js'
import { judge } from '../qrs/report.js'

const hundred = apps(100)

describe('the race of QRS clients', () => {
  it('gives each its turns and its share, and compares it with the baseline', async () => {
    const asked: string[] = []
    const results = await race([clientNamed(baseline, 1), clientNamed('slow', 4)], { rounds: 3, requests: 40, concurrency: 2 })
    expect(asked.filter((name) => name === baseline)).toHaveLength(4 * 40)
    expect(asked.filter((name) => name === 'slow')).toHaveLength(4 * 10)
    expect(results.map(({ name }) => name)).toEqual([baseline, 'slow'])
    expect(results[0]!.ratio).toEqual({ requestsPerSecond: 1, p99: 1, cpu: 1 })

    function clientNamed(name: string, share: number): Client {
      const list = async () => {
        asked.push(name)
        return hundred
      }
      return { name, share, list, close: async () => {} }
    }
  })

  it('ends where a client brings less than the list', async () => {
    const short: Client = { name: baseline, share: 1, list: async () => apps(99), close: async () => {} }
    await expect(race([short], { rounds: 1, requests: 1, concurrency: 1 })).rejects.toThrow('99 apps came')
  })
})

describe('the goals', () => {
  const good = { [ours.checked]: 1.2, [ours.plain]: 0.95, [baseline]: 1, [others.qrsInteract]: 1.2, [others.butlersWay]: 0.15 }

  it.each<[perSecond: Record<string, number>, p99: Record<string, number>, met: boolean]>([
    [{}, {}, true],
    [{ [ours.plain]: 0.94 }, {}, false],
    [{ [others.qrsInteract]: 1.21 }, {}, false],
    [{ [others.butlersWay]: 0.151 }, {}, false],
    [{}, { [ours.plain]: 1.11 }, false],
    [{}, { [ours.checked]: 1.11 }, false],
  ])('with %j requests a second and %j of the p99 are met: %j', (perSecond, p99, met) => {
    const results = Object.entries({ ...good, ...perSecond }).map(([name, requestsPerSecond]): Result => {
      return { name, requestsPerSecond: 0, p99Ms: 0, cpuPerRequest: 0, ratio: { requestsPerSecond, p99: p99[name] ?? 1, cpu: 1 } }
    })
    expect(judge(results).every(({ isMet }) => isMet)).toBe(met)
  })
})
