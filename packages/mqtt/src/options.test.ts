import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { mqtt } from './mqtt-transport.js'
import { readOptions, type MqttOptions } from './options.js'

const url = 'mqtt://broker.lab'

describe('options', () => {
  it.each([
    ['mqtt://broker.lab', 'mqtt://broker.lab:1883'],
    ['mqtts://broker.lab', 'mqtts://broker.lab:8883'],
    ['ws://broker.lab/mqtt?x=1', 'ws://broker.lab:80'],
    ['wss://user:secret@broker.lab:9001', 'wss://broker.lab:9001'],
    ['mqtt://[::1]:1884', 'mqtt://[::1]:1884'],
  ])('reads the address of %s', (given, address) => {
    expect(readOptions({ url: given }).brokers[0].address).toBe(address)
  })

  it('takes several addresses, each with its own port, path and credentials', () => {
    const { scheme, brokers } = readOptions({ url: ['wss://a.lab/mqtt', 'wss://me:pw@b.lab:9001'] })
    expect(scheme).toBe('wss')
    expect(brokers).toEqual([
      { host: 'a.lab', port: 443, path: '/mqtt', address: 'wss://a.lab:443', username: undefined, password: undefined },
      { host: 'b.lab', port: 9001, path: '/', address: 'wss://b.lab:9001', username: 'me', password: 'pw' },
    ])
  })

  it('takes user name and password from the url, percent-decoded, or from their own options', () => {
    expect(readOptions({ url: 'mqtt://me%40lab:p%3Aw@broker.lab' }).brokers[0]).toMatchObject({
      username: 'me@lab',
      password: 'p:w',
      host: 'broker.lab',
    })
    expect(readOptions({ url: 'mqtt://me:pw@broker.lab', username: 'other', password: 'own' }).brokers[0]).toMatchObject({
      username: 'other',
      password: 'own',
    })
    expect(readOptions({ url: 'mqtt://[::1]' }).brokers[0]).toMatchObject({ host: '::1', username: undefined, password: undefined })
  })

  it('fills in what was left out', () => {
    expect(readOptions({ url })).toMatchObject({
      name: 'mqtt',
      durable: false,
      protocol: 'auto',
      keepaliveSeconds: 30,
      connectTimeoutMs: 10_000,
      closeTimeoutMs: 5_000,
      redeliverMs: 60_000,
      reconnect: { initialMs: 1_000, maxMs: 60_000, jitter: 0.25, stableMs: 30_000 },
      outbox: { max: 1_000, whenFull: 'reject' },
    })
    expect(readOptions({ url, reconnect: { maxMs: 10 } }).reconnect).toMatchObject({ initialMs: 10, maxMs: 10 })
    expect(readOptions({ url, reconnect: { initialMs: 90_000 } }).reconnect).toMatchObject({ initialMs: 90_000, maxMs: 90_000 })
  })

  it('makes a new client identifier for each call, of a kind every broker must take', () => {
    const [one, two] = [mqtt({ url }).clientId, mqtt({ url }).clientId]
    expect(one).toMatch(/^[0-9a-z]{22}$/)
    expect(one).not.toBe(two)
  })

  it.each<[string, Partial<Record<keyof MqttOptions, unknown>>]>([
    ['url', { url: 'broker.lab' }],
    ['url', { url: undefined }],
    ['url', { url: 'http://broker.lab' }],
    ['url', { url: 'mqtt://' }],
    ['url', { url: 'mqtt://%ff:x@broker.lab' }],
    ['url', { url: [] }],
    ['url[0]', { url: ['broker.lab', url] }],
    ['url[1]', { url: [url, undefined] }],
    ['url[1]', { url: [url, 'mqtt://%ff:x@broker.lab'] }],
    ['url[2]', { url: [url, url, 'mqtts://broker.lab'] }],
    ['name', { name: '' }],
    ['clientId', { clientId: '' }],
    ['clientId', { durable: true }],
    ['sessionExpirySeconds', { sessionExpirySeconds: 60 }],
    ['sessionExpirySeconds', { durable: true, clientId: 'a', sessionExpirySeconds: 0 }],
    ['protocol', { protocol: '4' }],
    ['keepaliveSeconds', { keepaliveSeconds: 0 }],
    ['keepaliveSeconds', { keepaliveSeconds: 65_536 }],
    ['connectTimeoutMs', { connectTimeoutMs: 0.5 }],
    ['closeTimeoutMs', { closeTimeoutMs: Number.NaN }],
    ['redeliverMs', { redeliverMs: 999, durable: true, clientId: 'a' }],
    ['redeliverMs', { redeliverMs: 1_000 }],
    ['username', { password: 'secret', protocol: '3.1.1' }],
    ['tls', { tls: { ca: 'x' } }],
    ['tls.key', { url: 'mqtts://broker.lab', tls: { cert: 'x' } }],
    ['tls.cert', { url: 'mqtts://broker.lab', tls: { key: 'x' } }],
    ['reconnect.initialMs', { reconnect: { initialMs: 0 } }],
    ['reconnect.maxMs', { reconnect: { initialMs: 10, maxMs: 9 } }],
    ['reconnect.jitter', { reconnect: { jitter: 2 } }],
    ['reconnect.stableMs', { reconnect: { stableMs: -1 } }],
    ['proxy', { proxy: 'http://proxy.lab:3128' }],
    ['proxy', { url: 'wss://broker.lab', proxy: 'proxy.lab' }],
    ['subscription.maxFilters', { subscription: { maxFilters: 0 } }],
    ['firstConnect', { firstConnect: 'never' }],
    ['maxInFlight', { maxInFlight: 0 }],
    ['willDelaySeconds', { willDelaySeconds: -1 }],
    ['subscription.retained', { subscription: { retained: 'sometimes' } }],
    ['inbox.max', { inbox: { max: -1 } }],
    ['inbox.maxBytes', { inbox: { maxBytes: 0.5 } }],
    ['inbox.whenFull', { inbox: { whenFull: 'explode' } }],
    ['outbox.max', { outbox: { max: -1 } }],
    ['outbox.whenFull', { outbox: { whenFull: 'explode' } }],
  ])('names %s when it is wrong: %j', (field, wrong) => {
    expect(() => mqtt({ url, ...wrong } as MqttOptions)).toThrow(
      expect.objectContaining({
        code: 'MQTT_OPTIONS',
        message: expect.stringMatching(`^${field.replaceAll(/[[\]]/g, String.raw`\$&`)}: `),
      }),
    )
  })

  it('shows no secret in the error for a wrong option', () => {
    const thrown = [
      () => mqtt({ url: 'http://user:canary@broker.lab' }),
      () => mqtt({ url: 'mqtt://user:canary%ff@broker.lab' }),
      () => mqtt({ url: 'canary' }),
      () => mqtt({ url, password: 'canary', protocol: '3.1.1' }),
      () => mqtt({ url: 'mqtts://broker.lab', tls: { key: 'canary' } }),
    ].map((make) => {
      try {
        return inspect(make())
      } catch (error) {
        return inspect(error, { depth: Infinity })
      }
    })
    for (const shown of thrown) expect(shown.replaceAll(/^ {4}at .*$/gm, '')).toMatch(/^MqttError(?!.*canary)/s)
  })
})
