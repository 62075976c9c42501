// Sends 100,000 messages of 2 kB at QoS 1.
import { connectAsync } from 'mqtt'

const [url = ''] = process.argv.slice(2)
const client = await connectAsync(url, { protocolVersion: 4 })
const payload = Buffer.alloc(2_048, 'x')
for (let sent = 0; sent < 100_000; sent += 500) {
  await Promise.all(Array.from({ length: 500 }, () => client.publishAsync('flood', payload, { qos: 1 })))
}
console.log('sent')
