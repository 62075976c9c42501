import { expect, it } from 'vitest'
import * as core from './index.js'

it('exports what is public, and nothing else', () => {
  expect(Object.keys(core).toSorted()).toMatchInlineSnapshot(`
    [
      "ButlerError",
      "CodecError",
      "DeclaredError",
      "FanOutError",
      "HandlerTimeoutError",
      "LimitError",
      "MemoryTransportError",
      "Reject",
      "RequestError",
      "Retry",
      "RouteError",
      "SchemaError",
      "TopicError",
      "binary",
      "butlerStatus",
      "createButler",
      "createMemoryBroker",
      "createRouter",
      "createTopicMatcher",
      "deadLetterBytes",
      "deadLetters",
      "exponential",
      "fanOut",
      "isTopicFilter",
      "isTopicName",
      "json",
      "memoryStore",
      "messageOf",
      "relocate",
      "silent",
      "sleep",
      "systemClock",
      "text",
      "topic",
      "topicMatches",
      "validate",
      "withFields",
    ]
  `)
})
