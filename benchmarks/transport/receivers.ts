import { Controller, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { EventPattern, Payload, Transport, type MicroserviceOptions } from '@nestjs/microservices'
import { createButler, createRouter, silent, topic } from '@butlerkit/core'
import { mqtt } from '@butlerkit/mqtt'
import { connectAsync } from 'mqtt'
import { Qlobber } from 'qlobber'
import { z } from 'zod'
import { filters } from './workload.js'

type QoS = 0 | 1 | 2

/** Subscribes at the port and calls `handled` for each message. */
export type Receiver = (port: number, qos: QoS, handled: (payload: { readonly at: string }) => void) => Promise<void>

export const done = z.object({ at: z.string(), status: z.enum(['success', 'failed']), seconds: z.number(), log: z.string() })

const [wanted] = filters
const untimed = { at: '' }

export const receivers: Readonly<Record<string, Receiver>> = {
  /** mqtt.js and a listener that does nothing. */
  async bare(port, qos, handled) {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 })
    client.on('message', (_topic, payload) => handled(payload.length > 1_000_000 ? untimed : { at: timeIn(payload) }))
    await client.subscribeAsync(wanted, { qos })
  },

  /** What one writes by hand for the same result, but for acknowledging after the handler. */
  async 'by hand'(port, qos, handled) {
    const routes = new Qlobber({ separator: '/', wildcard_one: '+', wildcard_some: '#' })
    for (const [index, filter] of filters.entries()) routes.add(filter, index)
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 })
    client.on('message', (name, payload) => {
      for (const route of routes.match(name)) if (route === 0) handled(done.parse(JSON.parse(payload.toString())))
    })
    await client.subscribeAsync(wanted, { qos })
  },

  async nestjs(port, qos, handled) {
    class Events {
      handle(payload: unknown): void {
        handled(done.parse(payload))
      }
    }
    // What decorators do, without the compiler option they need.
    const handle = Object.getOwnPropertyDescriptor(Events.prototype, 'handle') as TypedPropertyDescriptor<Events['handle']>
    EventPattern(wanted)(Events.prototype, 'handle', handle)
    Payload()(Events.prototype, 'handle', 0)
    Controller()(Events)
    class Application {
      readonly peer = 'nestjs'
    }
    Module({ controllers: [Events] })(Application)
    const service = await NestFactory.createMicroservice<MicroserviceOptions>(Application, {
      transport: Transport.MQTT,
      options: { url: `mqtt://127.0.0.1:${port}`, protocolVersion: 4, subscribeOptions: { qos } },
      logger: false,
    })
    await service.listen()
  },

  /** The transport by itself: acknowledged after the handler, but neither routed nor validated. */
  async 'butlerkit, transport only'(port, qos, handled) {
    await mqtt({ url: `mqtt://127.0.0.1:${port}`, protocol: '3.1.1' }).open({
      subscriptions: [{ filter: wanted, qos }],
      receive({ payload }) {
        handled({ at: timeIn(payload as Buffer) })
        return 'ack'
      },
      changed() {},
      logger: silent,
    })
  },

  /** Routed, validated, acknowledged after the handler. */
  async butlerkit(port, qos, handled) {
    const router = createRouter()
    for (const filter of filters) {
      router.on(topic(filter as string, { payload: done, qos }), ({ payload }) => handled(payload))
    }
    const transport = mqtt({ url: `mqtt://127.0.0.1:${port}`, protocol: '3.1.1' })
    await createButler({ name: 'bench', transports: [transport] })
      .mount(router)
      .start()
  },
}

function timeIn(payload: Buffer): string {
  return payload.toString('latin1', 7, 27)
}
