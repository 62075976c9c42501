import { asyncapi } from '@butlerkit/core/asyncapi'
import { note, startTask } from './contracts.js'

const { document, warnings } = asyncapi(
  { receives: { startTask, note }, sends: { note } },
  { title: 'Butler of the lab', version: '1.0.0', servers: { lab: 'mqtts://broker.lab:8883' } },
)

for (const { contract, part, message } of warnings) console.warn(`${contract} ${part}: ${message}`)
console.log(JSON.stringify(document, null, 2))
