import { createButler, createRouter, text, topic } from '@butlerkit/core'
import { mqtt } from '@butlerkit/mqtt'
import { certificate, createSense } from '@butlerkit/sense'
import { slackNotifier } from '@butlerkit/slack'
import { z } from 'zod'

const env = z
  .object({
    MQTT_URL: z.url(),
    SENSE_HOST: z.string(),
    SENSE_PORT: z.coerce.number().default(4242),
    SENSE_CERT_DIR: z.string(),
    SLACK_WEBHOOK: z.url(),
  })
  .parse(process.env)

const sense = createSense({
  host: env.SENSE_HOST,
  qrsPort: env.SENSE_PORT,
  auth: certificate({ dir: env.SENSE_CERT_DIR }), // client.pem, client_key.pem, root.pem as the QMC exports them
  user: 'INTERNAL\\sa_api',
  allowTasks: { tags: ['nightly'] }, // nobody may start any other task, whichever way they ask
})
const slack = slackNotifier({ webhookUrl: env.SLACK_WEBHOOK })

const startTask = topic('qliksense/start_task', { codec: text, payload: z.guid() })

const router = createRouter().on(startTask, async ({ payload: taskId, signal, waitUntil }) => {
  const run = await sense.tasks.start(taskId, { signal }) // the message is acknowledged once Sense has started the task
  waitUntil(async () => {
    const { status, task } = await run.finished()
    const log = status === 'failed' ? await run.scriptLog({ tail: 10 }) : []
    await slack.notify({ title: `${task.name}: ${status}`, excerpt: log?.join('\n') ?? '' })
  })
})

const butler = createButler({
  name: 'nightly',
  transports: [mqtt({ url: env.MQTT_URL, clientId: 'nightly-butler', durable: true })],
  signals: true, // SIGTERM and Ctrl-C: finish what is in work, then disconnect
  logger: console,
}).mount(router)

butler.events.on('stopped', () => void sense.close())
await butler.start()
