import { createButler, createRouter, text, topic } from '@butlerkit/core'
import { mqtt } from '@butlerkit/mqtt'
import { z } from 'zod'

const greet = topic('butler/+name/greet', { codec: text, payload: z.string() })
const greeted = topic('butler/+name/greeted', { codec: text, payload: z.string() })

const router = createRouter()
router.on(greet, async ({ params, payload }) => {
  // QoS 1: the broker keeps the message until this is done.
  await butler.publish(greeted, params, `Hello ${payload}`)
})

const butler = createButler({
  name: 'butler-1',
  transports: [mqtt({ url: 'mqtt://127.0.0.1:1883', clientId: 'butler-1', durable: true })],
}).mount(router)

await butler.start()
