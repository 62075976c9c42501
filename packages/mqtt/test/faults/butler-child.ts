// A Butler's process, to be killed: prints what it starts and finishes. How a handler ends is in the payload:
// `hang` never, `wait` once SIGTERM has come, anything else at once.
import { createButler, createRouter, text, topic } from '@butlerkit/core'
import { z } from 'zod'
import { mqtt } from '../../src/index.js'

const [url = '', clientId = '', group, maxInFlight = '100'] = process.argv.slice(2)
const work = topic('work/#rest', { codec: text, payload: z.string(), qos: 1 })
const router = createRouter()
const terminated = new Promise((resolve) => process.once('SIGTERM', resolve))

router.on(
  work,
  async ({ payload, duplicate }) => {
    console.log(`start ${payload}`)
    if (payload.startsWith('hang') && !duplicate) await new Promise(() => {})
    if (payload.startsWith('wait')) await terminated
    console.log(`done ${payload}`)
  },
  { ...(group && { group }) },
)

const [first = '', ...others] = url.split(',')
const transport = mqtt({
  url: [first, ...others],
  clientId,
  durable: true,
  maxInFlight: Number(maxInFlight),
  firstConnect: 'wait',
  reconnect: { initialMs: 10, maxMs: 100 },
})
const butler = createButler({ name: clientId, transports: [transport], signals: true }).mount(router)
await butler.start()
console.log('started')
