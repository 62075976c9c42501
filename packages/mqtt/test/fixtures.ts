import type { QoS, Transport } from '@butlerkit/core'
import { connectAsync, type MqttClient } from 'mqtt'
import { onTestFinished, type TestContext } from 'vitest'
import { mqtt, type MqttOptions } from '../src/index.js'
import { startAedes } from './brokers/aedes.js'
import { hasMosquitto, startMosquitto, type Mosquitto, type MosquittoOptions } from './brokers/mosquitto.js'
import { startFaultProxy, type FaultProxy, type FaultProxyOptions } from './faults/fault-proxy.js'
import { bytes, record, text, type RecordingOptions, type RecordingSession } from './session.js'

/** What each test makes here is closed when the test is over, last first. */

/** A Mosquitto, or a skipped test that says why. */
export async function givenMosquitto(ctx: TestContext, options?: MosquittoOptions): Promise<Mosquitto> {
  ctx.skip(!hasMosquitto, 'mosquitto is not installed')
  const broker = await startMosquitto(options)
  onTestFinished(() => broker.close())
  return broker
}

/** Brokers and protocol versions that behaviour is the same on. */
export const behavedKinds = [
  { broker: 'aedes', protocol: '3.1.1' },
  { broker: 'mosquitto', protocol: '3.1.1' },
  { broker: 'mosquitto', protocol: '5' },
] as const

export async function givenBroker(
  ctx: TestContext,
  kind: (typeof behavedKinds)[number]['broker'],
): Promise<{ readonly port: number; readonly url: string }> {
  if (kind === 'mosquitto') {
    return givenMosquitto(ctx)
  }
  const broker = await startAedes()
  onTestFinished(() => broker.close())
  return broker
}

export async function givenProxy(target: number, options?: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = await startFaultProxy(target, options)
  onTestFinished(() => proxy.close())
  return proxy
}

/** A transport that comes back quickly. */
export function givenTransport(options: MqttOptions): Transport {
  const transport = mqtt({ reconnect: { initialMs: 10, maxMs: 100 }, ...options })
  onTestFinished(() => transport.close())
  return transport
}

export async function givenOpen(
  options: MqttOptions,
  session: RecordingOptions = {},
): Promise<{ transport: Transport; session: RecordingSession }> {
  const transport = givenTransport(options)
  const recorded = record(session)
  await transport.open(recorded)
  return { transport, session: recorded }
}

/** Another client of the broker: mqtt.js as it is. */
export interface Observer {
  readonly client: MqttClient
  /** Payloads received, as text. */
  readonly received: readonly string[]
  until(count: number): Promise<void>
  publish(topic: string, payload: string, qos?: QoS, options?: { readonly retain?: boolean }): Promise<unknown>
}

export async function givenObserver(url: string, filter?: string): Promise<Observer> {
  const client = await connectAsync(url, { protocolVersion: 4 })
  onTestFinished(() => client.endAsync(true))
  const received: string[] = []
  let ask = () => {}
  client.on('message', (_topic, payload) => {
    received.push(text(payload))
    ask()
  })
  if (filter !== undefined) await client.subscribeAsync(filter, { qos: 1 })
  return {
    client,
    received,
    until: (count) =>
      new Promise((resolve) => {
        ask = () => received.length >= count && resolve()
        ask()
      }),
    publish: (topic, payload, qos = 1, { retain = false } = {}) => client.publishAsync(topic, payload, { qos, retain }),
  }
}

export const statusMessages = { topic: 'butler/status', online: bytes('online'), draining: bytes('draining'), offline: bytes('offline') }
