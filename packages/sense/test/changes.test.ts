import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json as readJson } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import { createSense, header, q, type Sense } from '@butlerkit/sense'
import { createVirtualClock, type VirtualClock } from '@butlerkit/core/testing'
import { describe, expect, it } from 'vitest'
import { startProxy } from './support/proxy.js'

const callbackUrl = 'https://butler.lab:8081/hooks/canary-secret'

describe('subscribe', () => {
  it('tells QRS where to post what, and takes it back', async () => {
    await using t = await open()
    const subscription = await t.sense.qrs.subscribe({ callbackUrl, type: 'App', kind: 'delete', filter: q`name eq ${'x'}` })
    expect(t.live).toEqual(new Map([['h1', callbackUrl]]))
    expect(t.asked[0]).toMatch(/^POST \/qrs\/notification\?name=App&changetype=3&filter=name%20eq%20'x'&/)
    await subscription.close()
    await subscription.close()
    expect(t.live.size).toBe(0)
    expect(t.clock.pending).toBe(0)
  })

  it('subscribes anew all the while, and lets go of the old, also after a restart', async () => {
    await using t = await open()
    await using _ = await t.sense.qrs.subscribe({ callbackUrl })
    t.live.clear()
    await t.advance(60_000)
    expect([...t.live.keys()]).toEqual(['h2'])
    await t.advance(60_000)
    expect([...t.live.keys()]).toEqual(['h3'])
  })

  it('goes on while the repository is away', async () => {
    await using t = await open()
    await using _ = await t.sense.qrs.subscribe({ callbackUrl })
    t.away = true
    await t.advance(60_000)
    await t.advance(60_000)
    t.away = false
    await t.advance(60_000)
    expect(t.live.size).toBeGreaterThan(0)
    expect(t.log).toContain('cannot subscribe to changes, trying again later')
    expect(inspect(t.log)).not.toContain('canary')
  })

  it('reads what QRS posts, and nothing else', async () => {
    await using t = await open()
    await using subscription = await t.sense.qrs.subscribe({ callbackUrl })
    const id = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'
    const posted = {
      changeType: 2,
      objectType: 'ExecutionResult',
      objectID: id.toUpperCase(),
      changedProperties: ['status'],
      modifiedDate: '2026-01-05T08:00:03.004Z',
      schemaPath: 'ExternalChangeInfo',
    }
    expect(subscription.receive([posted, { ...posted, changeType: 0, objectID: null, changedProperties: null }])).toEqual([
      { kind: 'update', type: 'ExecutionResult', id, properties: ['status'], at: new Date('2026-01-05T08:00:03.004Z') },
      { kind: undefined, type: 'ExecutionResult', id: undefined, properties: [], at: new Date('2026-01-05T08:00:03.004Z') },
    ])
    for (const body of [undefined, null, 'x', {}, [1], [{ changeType: 'x' }]]) expect(subscription.receive(body)).toEqual([])
  })

  it('fails with the first try, without showing the address', async () => {
    await using t = await open()
    t.echo = true
    const error = await t.sense.qrs.subscribe({ callbackUrl }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'QRS_STATUS', status: 400 })
    expect(inspect(error, { depth: null })).not.toContain('canary')
    for (const wrong of [{ callbackUrl: 'canary' }, { callbackUrl: 'ftp://canary' }, { callbackUrl, type: 'a&b' }]) {
      await expect(t.sense.qrs.subscribe(wrong)).rejects.toMatchObject({
        code: 'SENSE_OPTION',
        message: expect.not.stringContaining('canary'),
      })
    }
  })
})

interface Opened extends AsyncDisposable {
  readonly sense: Sense
  readonly clock: VirtualClock
  readonly live: Map<string, string>
  readonly asked: string[]
  readonly log: string[]
  away: boolean
  echo: boolean
  /** Lets time pass until the requests that it brings about are answered. */
  advance(ms: number): Promise<void>
}

async function open(): Promise<Opened> {
  const live = new Map<string, string>()
  const asked: string[] = []
  const log: string[] = []
  let handles = 0
  const answers = new EventEmitter()
  const untilAnswered = async (times: number) => {
    for (let each = 0; each < times; each++) await once(answers, 'answer')
  }
  const proxy = await startProxy({
    believes: () => true,
    keepBody: true,
    answer: (response, url, request) => void answer(request, response, url).then(() => answers.emit('answer')),
  })
  const clock = createVirtualClock()
  const note = (message: string) => void log.push(message)
  const sense = createSense({
    host: '127.0.0.1',
    proxyPort: proxy.port,
    auth: header({ name: 'hdr-usr', user: 'ann', ca: proxy.ca }),
    clock,
    logger: { debug: note, info: note, warn: note, error: note },
  })
  const t: Opened = {
    sense,
    clock,
    live,
    asked,
    log,
    away: false,
    echo: false,
    async advance(ms) {
      // One request to subscribe, and one to let go of the old; away, the first alone.
      const done = untilAnswered(t.away ? 1 : 2)
      await clock.advance(ms)
      await done
      await turn()
    },
    async [Symbol.asyncDispose]() {
      await sense.close()
      await proxy[Symbol.asyncDispose]()
    },
  }
  return t

  async function answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (/\/about$|\/csrftoken$/.test(url.pathname)) return void response.end('{}')
    asked.push(`${request.method} ${request.url}`)
    if (request.method === 'DELETE') {
      const known = live.delete(url.searchParams.get('handle') ?? '')
      return void response.writeHead(known ? 204 : 404).end()
    }
    const body = (await readJson(request)) as string
    if (t.away) return void response.writeHead(503).end()
    if (t.echo) return void response.writeHead(400).end(`cannot reach ${body}`)
    const handle = `h${++handles}`
    live.set(handle, body)
    return void response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ value: handle }))
  }
}
