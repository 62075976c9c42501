import { createButler, topic } from '@butlerkit/core'
import { mqtt } from '@butlerkit/mqtt'
import { connectAsync } from 'mqtt'
import { done } from './receivers.js'
import { taskId, topicName } from './workload.js'

type QoS = 0 | 1 | 2
export type Publish = (payload: {
  readonly at: string
  readonly status: 'success'
  readonly seconds: number
  readonly log: string
}) => Promise<unknown>

/** Connects at the port, and gives what publishes one message. */
export const publishers: Readonly<Record<string, (port: number, qos: QoS) => Promise<Publish>>> = {
  async bare(port, qos) {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 })
    return (payload) => client.publishAsync(topicName, JSON.stringify(payload), { qos })
  },
  async 'by hand'(port, qos) {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 })
    return (payload) => client.publishAsync(topicName, JSON.stringify(done.parse(payload)), { qos })
  },
  async butlerkit(port, qos) {
    const contract = topic('qliksense/+site/task/+taskId/done', { payload: done, qos })
    const transport = mqtt({ url: `mqtt://127.0.0.1:${port}`, protocol: '3.1.1' })
    const butler = await createButler({ name: 'bench', transports: [transport] }).start()
    return (payload) => butler.publish(contract, { site: 'lab', taskId }, payload)
  },
}
