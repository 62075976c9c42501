import { text } from '@butlerkit/core'
import { z } from 'zod'
import { endpoint } from '../endpoint.js'
import { ApiError } from '../errors.js'

/** Publishes one message, as text, with QoS 1: the answer comes once the broker has it. */
export const publishMessage = endpoint({
  method: 'GET',
  path: '/mqttPublishMessage',
  summary: 'Publishes a message on an allowed topic and answers once the broker has it',
  access: 'key',
  needs: ['butler', 'publishTopics'],
  // A topic name is no topic filter: MQTT 5.0, section 4.7.1. What else is wrong with it, the transport says.
  query: z.strictObject({ topic: z.string().regex(/^[^+#\0]+$/, 'must be a topic name: no + and no #'), message: z.string() }),
  reply: z.object({ topic: z.string(), message: z.string() }),
  async handler({ query, services, signal }) {
    const isAllowed = services.publishTopics.some((allowed) => allowed.match(query.topic) !== undefined)
    if (!isAllowed) throw new ApiError('TOPIC_DENIED', 'publishTopics does not allow this topic')
    const payload = text.encode(query.message)
    await services.butler.publishRaw({ topic: query.topic, payload, qos: 1, retain: false }, { signal })
    return query
  },
})
