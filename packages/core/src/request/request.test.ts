import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createButler } from '../butler/butler.js'
import { createRouter, type Mountable } from '../router/router.js'
import type { RouteOptions } from '../router/route-options.js'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { json, text } from '../topic/codec.js'
import { topic } from '../topic/topic.js'
import { createMemoryBroker } from '../transport/memory-transport.js'
import type { OutboundMessage, Transport } from '../transport/transport.js'

const divide = topic('divide/+a', {
  params: { a: z.coerce.number() },
  payload: z.object({ by: z.number() }),
  reply: z.object({ quotient: z.number() }),
  errors: { BY_ZERO: z.object({ a: z.number() }) },
})

const protocols = [
  ['with response topic and correlation data, as in MQTT 5', true],
  ['with the address in the payload, as before MQTT 5', false],
] as const

/** Two butlers on one broker: one asks, one answers. */
async function pair(reply: boolean, answering: Mountable<{}>, clock = createVirtualClock()) {
  const published: OutboundMessage[] = []
  const broker = createMemoryBroker({ published: (message) => published.push(reply ? message : withoutProperties(message)) })
  const transport = (clientId: string): Transport => {
    const plain = broker.transport({ clientId })
    return {
      ...plain,
      capabilities: { ...plain.capabilities, reply, userProperties: reply },
      publish: (message, options) => plain.publish(reply ? message : withoutProperties(message), options),
    }
  }
  const asking = createButler({ name: 'asking', transports: [transport('asking/+1')], clock })
  const other = createButler({ name: 'answering', transports: [transport('answering')], clock }).mount(answering)
  await Promise.all([asking.start(), other.start()])
  return {
    asking,
    answering: other,
    broker,
    clock,
    published,
    async [Symbol.asyncDispose]() {
      await Promise.all([asking.stop(), other.stop()])
    },
  }
}

function withoutProperties({ topic: name, payload, qos, retain }: OutboundMessage): OutboundMessage {
  return { topic: name, payload, qos, retain }
}

function divider(options: RouteOptions = {}) {
  return createRouter().on(
    divide,
    ({ params, payload, error }) => {
      if (payload.by === 0) throw error('BY_ZERO', { a: params.a })
      if (payload.by === 13) throw new Error('the password is hunter2')
      if (payload.by === 14) return { quotient: 'many' as never }
      return { quotient: params.a / payload.by }
    },
    options,
  )
}

describe.each(protocols)('a request %s', (_, reply) => {
  it('gets its answer, checked on both sides', async () => {
    await using t = await pair(reply, divider())
    const answers = await Promise.all([1, 2, 4].map((by) => t.asking.request(divide, { a: 8 }, { by })))
    expect(answers).toEqual([{ quotient: 8 }, { quotient: 4 }, { quotient: 2 }])
    expect(await t.asking.tryRequest(divide, { a: 9 }, { by: 3 })).toEqual({ ok: true, reply: { quotient: 3 } })
  })

  it('gets a declared error with its data, and the answering side calls it handled', async () => {
    await using t = await pair(reply, divider())
    await expect(t.asking.request(divide, { a: 8 }, { by: 0 })).rejects.toMatchObject({
      name: 'DeclaredError',
      code: 'BY_ZERO',
      data: { a: 8 },
    })
    expect(await t.asking.tryRequest(divide, { a: 8 }, { by: 0 })).toEqual({ ok: false, code: 'BY_ZERO', data: { a: 8 } })
    expect(t.answering.metrics().counters).toMatchObject({ handled: 2, failed: 0 })
  })

  it('learns that the handler failed, and no more', async () => {
    await using t = await pair(reply, divider())
    await expect(t.asking.request(divide, { a: 8 }, { by: 13 })).rejects.toMatchObject({ code: 'REQUEST_FAILED' })
    await expect(t.asking.request(divide, { a: 8 }, { by: 14 })).rejects.toMatchObject({ code: 'REQUEST_FAILED' })
    expect(t.published.map(({ payload }) => text.decode(payload)).join()).not.toMatch(/hunter2|many/)
    expect(t.answering.metrics().counters.failed).toBe(2)
  })

  it("learns what is wrong with it, where the route says invalid: 'reply-error'", async () => {
    await using t = await pair(reply, divider({ invalid: 'reply-error' }))
    const unchecked = { ...divide, definition: { ...divide.definition, payload: z.any() } }
    await expect(t.asking.request(unchecked, { a: 8 }, { by: 'x' as never })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      data: { issues: [{ path: ['by'] }] },
    })
  })

  it('gives up when its time is over, and drops the late answer', async () => {
    let answer = () => {}
    const slow = createRouter().on(divide, async () => {
      await new Promise<void>((resolve) => (answer = resolve))
      return { quotient: 1 }
    })
    await using t = await pair(reply, slow)
    const request = t.asking.tryRequest(divide, { a: 8 }, { by: 1 }, { timeoutMs: 100 })
    await t.clock.advance(100)
    expect(await request).toMatchObject({ ok: false, code: 'REQUEST_TIMEOUT' })
    answer()
    await t.broker.settled()
    expect(t.asking.metrics().counters.unmatched).toBe(0)
  })

  it('is not sent once it was given up, where it has waited for a connection', async () => {
    await using t = await pair(reply, divider())
    await t.asking.request(divide, { a: 8 }, { by: 1 })
    t.broker.disconnect('asking/+1')
    const request = t.asking.tryRequest(divide, { a: 8 }, { by: 1 }, { timeoutMs: 100 })
    await t.clock.advance(100)
    expect(await request).toMatchObject({ ok: false, code: 'REQUEST_TIMEOUT' })
    t.broker.reconnect('asking/+1')
    await t.broker.settled()
    expect(t.answering.metrics().counters.received).toBe(1)
  })

  it('is cancelled by its signal, with its reason, and leaves no timer', async () => {
    const silentRouter = createRouter().on(divide, () => new Promise<never>(() => {}))
    await using t = await pair(reply, silentRouter)
    const abort = new AbortController()
    const request = t.asking.request(divide, { a: 8 }, { by: 1 }, { signal: abort.signal })
    const reason = new Error('changed my mind')
    setImmediate(() => abort.abort(reason))
    await expect(request).rejects.toBe(reason)
    await expect(t.asking.request(divide, { a: 8 }, { by: 1 }, { signal: abort.signal })).rejects.toBe(reason)
    void t.clock.advance(4_000) // lets the silent handler's drain end
  })

  it('ends when its butler stops', async () => {
    await using t = await pair(reply, createRouter())
    const request = t.asking.tryRequest(divide, { a: 8 }, { by: 1 })
    setImmediate(() => void t.asking.stop())
    expect(await request).toMatchObject({ ok: false, code: 'REQUEST_ABANDONED' })
  })

  it('ignores foreign answers', async () => {
    await using t = await pair(reply, divider())
    for (const address of ['butlerkit/reply/asking%2F%2B1/forged', 'butlerkit/reply/asking%2F%2B1/']) {
      await t.broker.publish({ topic: address, payload: json.encode({ quotient: 666 }), qos: 1, retain: false })
    }
    expect(await t.asking.request(divide, { a: 8 }, { by: 2 })).toEqual({ quotient: 4 })
  })
})

describe('the address in the payload', () => {
  it('can be used by hand, from any client', async () => {
    await using t = await pair(false, divider())
    const answered = new Promise((resolve) => {
      const eavesdrop = createButler({ name: 'hand', transports: [t.broker.transport({ clientId: 'hand' })] }).mount(
        createRouter().on(topic('my/answers'), ({ payload }) => resolve(payload)),
      )
      void eavesdrop
        .start()
        .then(() => t.broker.publish({ topic: 'divide/9', payload: json.encode({ by: 3, $replyTo: 'my/answers' }), qos: 1, retain: false }))
    })
    expect(await answered).toEqual({ quotient: 3 })
  })

  it('needs a JSON object', async () => {
    await using t = await pair(false, createRouter())
    const shout = topic('shout', { codec: text, reply: z.string() })
    await expect(t.asking.request(shout, 'hello')).rejects.toMatchObject({ code: 'REQUEST_UNSUPPORTED' })
  })

  it('that is no topic name is reported, and harms nothing', async () => {
    await using t = await pair(false, divider())
    const failed = vi.fn()
    t.answering.events.on('failed', failed)
    await t.broker.publish({ topic: 'divide/9', payload: json.encode({ by: 3, $replyTo: 'a/#' }), qos: 1, retain: false })
    await t.broker.settled()
    expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ stage: 'reply' }))
  })
})

it('lapses at the broker when nobody waits for it any more, so that nobody acts on it later', async () => {
  const clock = createVirtualClock()
  const broker = createMemoryBroker({ clock })
  const asking = createButler({ name: 'asking', transports: [broker.transport({ clientId: 'asking' })], clock })
  const durable = broker.transport({ clientId: 'answering', durable: true })
  const answering = createButler({ name: 'answering', transports: [durable], clock }).mount(divider())
  await Promise.all([asking.start(), answering.start()])
  broker.disconnect('answering')
  const early = asking.tryRequest(divide, { a: 8 }, { by: 1 }, { timeoutMs: 1_500 })
  await clock.advance(2_000)
  expect(await early).toMatchObject({ ok: false, code: 'REQUEST_TIMEOUT' })
  const late = asking.request(divide, { a: 8 }, { by: 2 })
  broker.reconnect('answering')
  expect(await late).toEqual({ quotient: 4 })
  expect(answering.metrics().counters.received).toBe(1)
  await Promise.all([asking.stop(), answering.stop()])
})
