// Publishes what no broker takes, to be killed: prints `kept` once all of it is in the store.
import { silent } from '@butlerkit/core'
import { ClassicLevel } from 'classic-level'
import { mqtt } from '../src/index.js'

const [url = '', dir = '', count = '0'] = process.argv.slice(2)
const level = new ClassicLevel<string, Uint8Array>(dir, { valueEncoding: 'view' })
let puts = 0
const store = {
  async put(key: string, value: Uint8Array) {
    await level.put(key, value)
    puts += 1
    if (puts === Number(count)) console.log('kept')
  },
  del: (key: string) => level.del(key),
  iterator: () => level.iterator(),
}
const transport = mqtt({ url, clientId: 'keeps', durable: true, firstConnect: 'wait', outbox: { persist: store } })
transport.open({ subscriptions: [], receive: () => 'ack', changed() {}, logger: silent }).catch(() => {})
// Open waits for the store, and then for the broker.
await new Promise((resolve) => setImmediate(resolve))
for (let number = 0; number < Number(count); number += 1) {
  const properties = { userProperties: { number: String(number) }, correlationData: new Uint8Array([number]) }
  transport.publish({ topic: `kept/${number}`, payload: Buffer.from(`${number}`), qos: 1, retain: false, properties }).catch(() => {})
}
