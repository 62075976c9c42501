import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { hasProgram, startProgram, temporaryFolder, withFreePorts, type Program } from './broker-process.js'
import { freePort } from './free-port.js'

/** Whether this machine has a NATS server. */
export const hasNats = hasProgram('nats-server')

/** One server of a cluster. */
export interface NatsServer {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
  /** As a crash does. */
  kill(): Promise<void>
  /** On the same ports, with what it had stored. */
  start(): Promise<void>
}

/** A cluster of NATS servers with JetStream and MQTT. */
export interface NatsCluster {
  readonly servers: readonly NatsServer[]
  close(): Promise<void>
}

export interface NatsOptions {
  /** Servers; JetStream needs a majority of them to change anything. @defaultValue 1 */
  readonly size?: number
  /**
   * Servers that have a copy of the sessions and of what waits in them. With one copy they wait while its server is away. @defaultValue 1
   */
  readonly replicas?: number
}

export function startNats(options: NatsOptions = {}): Promise<NatsCluster> {
  return withFreePorts(() => startOnce(options))
}

async function startOnce({ size = 1, replicas = 1 }: NatsOptions): Promise<NatsCluster> {
  const { dir, remove } = await temporaryFolder('nats')
  const peers = await Promise.all(
    Array.from({ length: size }, async (_, index) => ({
      name: `s${index}`,
      client: await freePort(),
      mqtt: await freePort(),
      route: await freePort(),
    })),
  )
  const routes = peers.map(({ route }) => `nats-route://127.0.0.1:${route}`).join(', ')
  const servers = await Promise.all(
    peers.map(async ({ name, client, mqtt, route }): Promise<NatsServer> => {
      const file = join(dir, `${name}.conf`)
      await writeFile(
        file,
        [
          `server_name: ${name}`,
          `listen: 127.0.0.1:${client}`,
          // Nobody may publish to `guarded/by/the/broker`: MQTT's `/` is `.` here.
          'authorization { users: [{ user: butler, password: any, permissions: { publish: { deny: "guarded.>" } } }] }',
          'no_auth_user: butler',
          `jetstream { store_dir: "${join(dir, name)}" }`,
          // It sends again after this time, and not at the next connect.
          `mqtt { listen: 127.0.0.1:${mqtt}, ack_wait: "1s", stream_replicas: ${replicas} }`,
          ...(size > 1 ? [`cluster { name: butlerkit, listen: 127.0.0.1:${route}, routes: [${routes}] }`] : []),
        ].join('\n'),
      )
      let program: Program | undefined
      const end = async (how: 'stop' | 'kill') => {
        const running = program
        program = undefined
        await running?.[how]()
      }
      return {
        port: mqtt,
        url: `mqtt://127.0.0.1:${mqtt}`,
        stop: () => end('stop'),
        kill: () => end('kill'),
        async start() {
          program = await startProgram({ command: 'nats-server', args: ['-c', file], ready: /Server is ready/ })
        },
      }
    }),
  )
  const close = async () => {
    await Promise.all(servers.map((server) => server.kill()))
    await remove()
  }
  try {
    await Promise.all(servers.map((server) => server.start()))
    if (size > 1) for (const { url } of servers) await answers(url)
  } catch (error) {
    await close()
    throw error
  }
  return { servers, close }
}

/** A server of a cluster is ready before the cluster has chosen its leader; until then it swallows every CONNECT. */
async function answers(url: string): Promise<void> {
  for (;;) {
    try {
      const client = await connectAsync(url, { protocolVersion: 4, connectTimeout: 1_000 })
      return await client.endAsync(true)
    } catch (error) {
      if (!/connack timeout/i.test(String(error))) throw error
    }
  }
}
