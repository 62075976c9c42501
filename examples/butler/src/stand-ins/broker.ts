import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { Aedes } from 'aedes'

/** A real MQTT broker (3.1.1) on a free TCP port of this machine. */
export async function startBroker() {
  const broker = await Aedes.createBroker()
  const server = createServer(broker.handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await new Promise<void>((resolve) => broker.close(resolve))
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
