import { isTopicName, text, topicMatches } from '@butlerkit/core'
import { z } from 'zod'
import { endpoint } from '../endpoint.js'
import { ApiError } from '../errors.js'

/** Publishes one message, as text, with QoS 1: the answer comes once the broker has it. */
export const publishMessage = endpoint({
  method: 'GET',
  path: '/mqttPublishMessage',
  summary: 'Publishes a message on an allowed topic and answers once the broker has it',
  access: 'key',
  needs: ['butler', 'publish'],
  query: z.strictObject({ topic: z.string().refine(isTopicName, 'must be a topic name: not empty, no + and no #'), message: z.string() }),
  reply: z.object({ topic: z.string(), message: z.string() }),
  async handler({ query, services, signal }) {
    const { topics, via } = services.publish
    if (!topics.some((filter) => topicMatches(filter, query.topic))) {
      throw new ApiError('TOPIC_DENIED', 'publishTopics does not allow this topic')
    }
    const message = { topic: query.topic, payload: text.encode(query.message), qos: 1, retain: false } as const
    await services.butler.publishRaw(message, { signal, ...(via !== undefined && { via }) })
    return query
  },
})
