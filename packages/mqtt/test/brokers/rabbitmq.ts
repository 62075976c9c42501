import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasProgram, startProgram, temporaryFolder, withFreePorts } from './broker-process.js'
import { freePort } from './free-port.js'

/** Not the one in `/usr/sbin`: that changes its user. */
const server = rabbitmqServer('/usr/lib/rabbitmq/lib')

const portMapper = 'epmd'

/** Whether this machine has RabbitMQ. */
export const hasRabbitmq = server !== undefined

/** A RabbitMQ with its MQTT plugin. */
export interface Rabbitmq {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

export function startRabbitmq(): Promise<Rabbitmq> {
  return withFreePorts(async () => {
    const { dir, remove } = await temporaryFolder('rabbitmq')
    const [port, amqpPort, distPort, epmdPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
    await writeFile(
      join(dir, 'rabbitmq.conf'),
      [`listeners.tcp.1 = 127.0.0.1:${amqpPort}`, `mqtt.listeners.tcp.1 = 127.0.0.1:${port}`, 'mqtt.allow_anonymous = true'].join('\n'),
    )
    await writeFile(join(dir, 'enabled_plugins'), '[rabbitmq_mqtt].')
    const env = {
      HOME: dir,
      RABBITMQ_NODENAME: `butlerkit${port}@localhost`,
      RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
      RABBITMQ_MNESIA_BASE: join(dir, 'mnesia'),
      RABBITMQ_LOG_BASE: join(dir, 'log'),
      RABBITMQ_LOGS: '-',
      RABBITMQ_DIST_PORT: String(distPort),
      ERL_EPMD_PORT: String(epmdPort),
      ERL_EPMD_ADDRESS: '127.0.0.1',
    }
    const removeAll = async () => {
      // Erlang's port mapper outlives the broker.
      spawnSync(portMapper, ['-port', String(epmdPort), '-kill'], { env: { PATH: process.env['PATH'] ?? '' } })
      await remove()
    }
    const program = await startProgram({ command: server ?? '', args: [], env, ready: /Server startup complete/ }).catch(
      async (error: unknown) => {
        await removeAll()
        throw error
      },
    )
    return {
      port,
      url: `mqtt://127.0.0.1:${port}`,
      async close() {
        await program.kill()
        await removeAll()
      },
    }
  })
}

function rabbitmqServer(parent: string): string | undefined {
  if (!existsSync(parent) || !hasProgram('erl')) return undefined
  return readdirSync(parent)
    .map((version) => join(parent, version, 'sbin', 'rabbitmq-server'))
    .find((file) => existsSync(file))
}
