import { createButler, createRouter } from '@butlerkit/core'
import { senseEvents, taskFailed } from '@butlerkit/sense/events'

const router = createRouter()
router.on(taskFailed, ({ payload, log }) => log.warn(`${payload.taskName} failed`, { taskId: payload.taskId }))

const events = senseEvents({ tasks: { port: 9998, host: '0.0.0.0' }, allowFrom: ['10.1.2.3'] })
const butler = createButler({ name: 'butler-1', transports: [events], logger: console }).mount(router)
await butler.start()
