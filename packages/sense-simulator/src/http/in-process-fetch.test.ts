import { createVirtualClock } from '@butlerkit/core/testing'
import { describe, expect, it } from 'vitest'
import { properHeaders, qrs, xrfkey } from '../../test/qrs-call.js'
import type { Fault } from '../faults.js'
import { simulateSense } from '../site.js'

const seed = { apps: [{ name: 'Sales' }, { name: 'Draft' }] }
const address = (path: string) => `https://sense.lab:4242/qrs${path}${path.includes('?') ? '&' : '?'}xrfkey=${xrfkey}`
const headers = { ...properHeaders, 'content-type': 'application/json' }

describe('a fetch in the process', () => {
  it('is answered as over the wire, and needs no port', async () => {
    await using listening = await simulateSense({ clock: createVirtualClock(), seed })
    await using site = await simulateSense({ clock: createVirtualClock(), seed, listen: false })
    expect([site.port, site.enginePort, site.proxyPort, site.proxyApiPort]).toEqual([0, 0, 0, 0])
    for (const [path, filter] of [
      ['/about', ''],
      ['/app/full', ''],
      ['/app/count', "name eq 'sales'"],
      ['/app', 'name eq'],
      ['/app/nobody', ''],
      ['/nothing', ''],
    ] as const) {
      const over = await qrs(listening, `GET ${path}`, { query: { filter } })
      const response = await site.fetch(address(`${path}?filter=${encodeURIComponent(filter)}`), { headers })
      expect({ status: response.status, type: response.headers.get('content-type'), text: await response.text() }).toEqual({
        status: over.status,
        type: over.type,
        text: over.text,
      })
    }
  })

  it('writes, in every form that fetch takes', async () => {
    await using site = await simulateSense({ seed, listen: false })
    const body = JSON.stringify({ name: 'nightly' })
    const made = await site.fetch(new Request(address('/tag'), { method: 'POST', headers, body }))
    expect(made.status).toBe(201)
    const { id } = (await made.json()) as { id: string }
    const gone = await site.fetch(new URL(address(`/tag/${id}`)), { method: 'DELETE', headers })
    expect({ status: gone.status, text: await gone.text() }).toEqual({ status: 204, text: '' })
    expect(site.requests.matching({ path: /\/tag/ }).map(({ status }) => status)).toEqual([201, 204])
  })

  it('passes the gate as any call does', async () => {
    await using site = await simulateSense({ seed, listen: false })
    expect((await site.fetch(address('/about'))).status).toBe(403)
    expect((await site.fetch(address('/about'), { headers: { ...headers, 'x-qlik-user': 'UserDirectory=X; UserId=y' } })).status).toBe(403)
    site.restart(60_000)
    expect((await site.fetch(address('/about'), { headers })).status).toBe(503)
  })

  it.each<[Fault, object]>([
    [
      { kind: 'answer', status: 429, headers: { 'retry-after': '7' } },
      { status: 429, retryAfter: '7' },
    ],
    [
      { kind: 'contentType', contentType: 'text/html' },
      { status: 200, type: 'text/html' },
    ],
    [
      { kind: 'miscount', by: 3 },
      { status: 200, text: '{"value":5}' },
    ],
    [{ kind: 'truncate' }, { status: 200, text: '{"val' }],
  ])('meets %j', async (fault, expected) => {
    await using site = await simulateSense({ seed, listen: false })
    site.faults.add(fault)
    const response = await site.fetch(address('/app/count'), { headers })
    const text = await response.text()
    const type = response.headers.get('content-type')
    expect({ status: response.status, retryAfter: response.headers.get('retry-after'), type, text }).toMatchObject(expected)
  })

  it.each(['request', 'reply', 'headers', 'body'] as const)('that is reset at the %s rejects as fetch does', async (at) => {
    await using site = await simulateSense({ seed, listen: false })
    site.faults.add({ kind: 'reset', at })
    const sent = site.fetch(address('/tag'), { method: 'POST', headers, body: '{"name":"x"}' })
    await expect(sent).rejects.toMatchObject({ name: 'TypeError', cause: { code: 'ECONNRESET' } })
    const count = await site.fetch(address('/tag/count'), { headers })
    expect(await count.json()).toEqual({ value: at === 'request' ? 0 : 1 })
  })

  it('comes late by the site’s clock, and gives up by its signal', async () => {
    const clock = createVirtualClock()
    await using site = await simulateSense({ clock, seed, listen: false })
    let answered = 0
    const ask = (signal: AbortSignal | null = null) => site.fetch(address('/app/count'), { headers, signal }).then(() => (answered += 1))
    site.faults.add({ kind: 'delay', ms: 5_000 })
    site.faults.add({ kind: 'drip', bytes: 5, everyMs: 1_000 })
    const late = [ask(), ask()]
    await clock.advance(2_999)
    expect(answered).toBe(0)
    await clock.advance(1)
    expect(answered).toBe(1)
    await clock.advance(2_000)
    expect(await Promise.all(late)).toEqual([2, 1])

    const caller = new AbortController()
    site.faults.add({ kind: 'hang' })
    site.faults.add({ kind: 'delay', ms: 5_000 })
    const given = [ask(caller.signal), ask(caller.signal)]
    await clock.advance(1_000)
    caller.abort(new Error('mine'))
    for (const each of given) await expect(each).rejects.toThrow('mine')
    await expect(ask(caller.signal)).rejects.toThrow('mine')
    expect(clock.pending).toBe(0)
  })
})
