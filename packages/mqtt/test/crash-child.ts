// A butler's process, to be killed: prints each payload it gets; `hang` never finishes one, `ack` finishes at once.
import { silent } from '@butlerkit/core'
import { mqtt, type MqttOptions } from '../src/index.js'

const [url = '', protocol, mode] = process.argv.slice(2)
const transport = mqtt({ url, protocol: protocol as NonNullable<MqttOptions['protocol']>, clientId: 'crashing', durable: true })
await transport.open({
  subscriptions: [
    { filter: 'one/#', qos: 1 },
    { filter: 'two/#', qos: 2 },
  ],
  receive(message) {
    console.log(Buffer.from(message.payload).toString())
    return mode === 'ack' ? 'ack' : new Promise(() => {})
  },
  changed() {},
  logger: silent,
})
console.log('open')
