import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasProgram, startBroker, type RunningBroker } from './broker-process.js'
import { freePort } from './free-port.js'

/** Not the one in `/usr/sbin`: that changes its user. */
const server = rabbitmqServer('/usr/lib/rabbitmq/lib')

const portMapper = 'epmd'

/** Whether this machine has RabbitMQ. */
export const hasRabbitmq = server !== undefined

/** Starts a RabbitMQ with its MQTT plugin. Nobody may publish to `guarded/by/the/broker`. */
export function startRabbitmq(): Promise<RunningBroker> {
  return startBroker('rabbitmq', async ({ dir, port }) => {
    const [amqpPort, distPort, epmdPort] = await Promise.all([freePort(), freePort(), freePort()])
    const definitions = join(dir, 'definitions.json')
    await writeFile(definitions, JSON.stringify(guardedDefinitions))
    const config = [
      `listeners.tcp.1 = 127.0.0.1:${amqpPort}`,
      `mqtt.listeners.tcp.1 = 127.0.0.1:${port}`,
      'mqtt.allow_anonymous = true',
      `load_definitions = ${definitions}`,
    ]
    await writeFile(join(dir, 'rabbitmq.conf'), config.join('\n'))
    await writeFile(join(dir, 'enabled_plugins'), '[rabbitmq_mqtt].')
    return {
      command: server ?? '',
      args: [],
      env: {
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
        // Or it does not let itself be ended until it has noticed that the broker has.
        ERL_EPMD_RELAXED_COMMAND_CHECK: '1',
      },
      ready: /Server startup complete/,
      cleanUp() {
        // Erlang's port mapper outlives the broker.
        spawnSync(portMapper, ['-port', String(epmdPort), '-kill'], { env: { PATH: process.env['PATH'] ?? '' } })
      },
    }
  })
}

/** The user an anonymous client is, and what it may: on topics MQTT's `/` is `.` here. */
const guardedDefinitions = {
  vhosts: [{ name: '/' }],
  users: [{ name: 'guest', password: 'guest', tags: ['administrator'] }],
  permissions: [{ user: 'guest', vhost: '/', configure: '.*', write: '.*', read: '.*' }],
  topic_permissions: [{ user: 'guest', vhost: '/', exchange: 'amq.topic', write: String.raw`^(?!guarded\.)`, read: '.*' }],
}

function rabbitmqServer(parent: string): string | undefined {
  if (!existsSync(parent) || !hasProgram('erl')) return undefined
  return readdirSync(parent)
    .map((version) => join(parent, version, 'sbin', 'rabbitmq-server'))
    .find((file) => existsSync(file))
}
