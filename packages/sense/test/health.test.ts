import type { HealthSample } from '@butlerkit/sense'
import { certificate, createSense, jwt } from '@butlerkit/sense'
import { createVirtualClock } from '@butlerkit/core/testing'
import { describe, expect, it } from 'vitest'
import { startEngine } from './support/engine-server.js'
import { openSite } from './support/site.js'
import { startProxy } from './support/proxy.js'

describe('health.engine', () => {
  it('is read from the engine itself', async () => {
    await using t = await openSite({ seed: { apps: [{ name: 'Sales' }] } })
    expect(await t.sense.health.engine()).toMatchObject({
      version: expect.stringMatching(/^\d+\./),
      startedAt: new Date(t.clock.now()),
      saturated: false,
    })
    expect(await t.sense.health.engine({ node: t.site.host })).toMatchObject({ sessions: { active: 0 } })
    await expect(t.sense.health.engine({ node: 'a/b' })).rejects.toMatchObject({ code: 'SENSE_OPTION' })
  })

  it('is read through a proxy, which chooses the engine', async () => {
    const health = await healthOf()
    await using proxy = await startProxy({
      believes: () => true,
      prefix: '/jwt',
      answer: (response, url) => void response.end(url.pathname.includes('/engine/') ? health : '{}'),
    })
    await using sense = createSense({
      host: '127.0.0.1',
      proxyPort: proxy.port,
      auth: jwt({ token: 'x', virtualProxy: 'jwt', ca: proxy.ca }),
    })
    expect(await sense.health.engine()).toMatchObject({ saturated: false })
    expect(proxy.asked.at(-1)).toBe('GET /jwt/engine/healthcheck')
    await expect(sense.health.engine({ node: 'node2' })).rejects.toMatchObject({ code: 'SENSE_OPTION' })
    await expect(sense.health.userSessions()).rejects.toMatchObject({ code: 'SENSE_OPTION' })
  })
})

describe('health.userSessions', () => {
  it('says who is there, and not by which cookie', async () => {
    const sessions = [{ UserDirectory: 'LAB', UserId: 'ann', SessionId: 'canary', Attributes: [{ group: 'sales' }, { group: 'emea' }] }]
    await using api = await startEngine({
      http: ({ url }) => ({ status: url?.startsWith('/qps/jwt/session?') ? 200 : 404, body: JSON.stringify(sessions) }),
    })
    await using t = await openSite({ seed: {} })
    const { cert, key } = t.site.certificates
    await using sense = createSense({
      host: '127.0.0.1',
      proxyApiPort: api.port,
      auth: certificate({ cert, key, ca: api.ca }),
      user: 'A\\b',
    })
    expect(await sense.health.userSessions({ virtualProxy: 'jwt' })).toEqual([
      {
        directory: 'LAB',
        userId: 'ann',
        attributes: [
          { name: 'group', value: 'sales' },
          { name: 'group', value: 'emea' },
        ],
      },
    ])
  })
})

describe('health.watch', () => {
  it('gives samples, and says when the state changes', async () => {
    const clock = createVirtualClock()
    const states: ('up' | 'saturated' | 'down')[] = ['up', 'up', 'saturated', 'down', 'up']
    const health = JSON.parse(await healthOf()) as object
    await using proxy = await startProxy({
      believes: () => true,
      answer(response, url) {
        if (!url.pathname.includes('/engine/')) return void response.end('{}')
        const state = states.shift()
        if (state === 'down') return void response.writeHead(503).end()
        return void response.end(JSON.stringify({ ...health, saturated: state === 'saturated' }))
      },
    })
    await using sense = createSense({ host: '127.0.0.1', proxyPort: proxy.port, auth: jwt({ token: 'x', ca: proxy.ca }), clock })
    const seen: HealthSample[] = []
    for await (const sample of sense.health.watch({ everyMs: 1_000, jitter: 0 })) {
      seen.push(sample)
      if (seen.length === 5) break
      // Reading goes on at once; the next look is due when its time has come.
      void clock.advance(1_000)
    }
    expect(seen.map(({ state, before, changed }) => [state, before, changed])).toEqual([
      ['up', undefined, false],
      ['up', 'up', false],
      ['saturated', 'up', true],
      ['down', 'saturated', true],
      ['up', 'down', true],
    ])
    expect(seen[3]).toMatchObject({ health: undefined, error: { code: 'QRS_STATUS', status: 503 } })
    expect(clock.pending).toBe(0)
  })

  it('ends with its signal, and with SENSE_CLOSED when the client is closed', async () => {
    await using t = await openSite({ seed: {} })
    const caller = new AbortController()
    const drain = async (signal?: AbortSignal) => {
      for await (const sample of t.sense.health.watch({ signal })) if (sample.state === 'up') caller.abort()
    }
    await expect(drain(caller.signal)).resolves.toBeUndefined()
    const closed = Promise.allSettled([drain()])
    await t.clock.advance(100)
    await t.sense.close()
    expect(await closed).toMatchObject([{ reason: { code: 'SENSE_CLOSED' } }])
    expect(t.clock.pending).toBe(0)
    for (const wrong of [{ everyMs: 0 }, { jitter: 1 }])
      expect(() => t.sense.health.watch(wrong)).toThrow(expect.objectContaining({ code: 'SENSE_OPTION' }))
  })
})

async function healthOf(): Promise<string> {
  const answer = {
    version: '12.2.0',
    mem: { committed: 1, allocated: 1, free: 1 },
    cpu: { total: 1 },
    session: { active: 0, total: 0 },
    apps: { calls: 0, selections: 0 },
    users: { active: 0, total: 0 },
    cache: { hits: 0, lookups: 0, added: 0, replaced: 0, bytes_added: 0 },
    saturated: false,
  }
  return JSON.stringify(answer)
}
