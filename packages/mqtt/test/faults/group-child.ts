// A butler of a group, whose handler computes for 2 ms: prints `done` for each message.
import { createButler, createRouter, text, topic } from '@butlerkit/core'
import { z } from 'zod'
import { mqtt } from '../../src/index.js'

const [url = '', clientId = '', name = ''] = process.argv.slice(2)
const router = createRouter()
router.on(
  topic(`${name}/#rest` as `group/#rest`, { codec: text, payload: z.string(), qos: 1 }),
  () => {
    const until = performance.now() + 2
    while (performance.now() < until);
    console.log('done')
  },
  { group: 'butlers' },
)
const butler = createButler({ name: clientId, transports: [mqtt({ url, clientId, durable: true })], signals: true }).mount(router)
await butler.start()
console.log('started')
