import { butlerStatus, createButler, createMemoryBroker } from '@butlerkit/core'
import { startTask } from './contracts.js'
import { tasks } from './tasks.js'

const butler = createButler({
  name: 'butler-1',
  services: { scheduler: { start: async () => crypto.randomUUID() } },
  transports: [createMemoryBroker().transport()], // in a service: mqtt({ url: 'mqtts://broker.lab', clientId: 'butler-1', durable: true })
  status: butlerStatus, // online, draining, offline: retained on butler/butler-1/status
}).mount(tasks)

await butler.start()
console.log(await butler.request(startTask, { site: 'lab', taskId: crypto.randomUUID() }, {}))
console.log(butler.health(), butler.metrics().counters)
await butler.stop() // takes nothing more, finishes what is in work, says offline, disconnects
