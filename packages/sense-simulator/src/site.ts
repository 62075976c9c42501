import type { WireReloadTask } from '@butlerkit/sense'
import { silent, systemClock, type Clock } from '@butlerkit/core'
import { createActivity } from './activity.js'
import { toUserDatagram, type UserEvent } from './appender/datagrams.js'
import { createLogAppender } from './appender/log-appender.js'
import { createEngineDoor } from './engine/engine-door.js'
import { createFaults } from './faults.js'
import { findNamed } from './find-named.js'
import { createGuidSource } from './guid.js'
import { text, type Service } from './http/answer.js'
import { createInProcessFetch } from './http/in-process-fetch.js'
import { httpsAddress } from './http/https-address.js'
import { createListeners } from './http/listeners.js'
import { createProxyApi } from './proxy/proxy-api.js'
import { createProxySessions } from './proxy/proxy-sessions.js'
import { createProxy } from './proxy/proxy.js'
import { checkKey } from './qrs/gate.js'
import { toView } from './qrs/views.js'
import { createRandom } from './random.js'
import { createRequestJournal } from './request-journal.js'
import { createServices } from './services.js'
import type { SessionOptions, SimulatedSense, SimulateSenseOptions } from './simulated-sense.js'
import { createSiteCertificates } from './site-certificates.js'
import { parseSite } from './site-schema.js'
import { allTasks, type ReloadTaskRecord } from './store/records.js'

/**
 * Starts a Qlik Sense site: the repository service over HTTPS with mutual TLS, a scheduler that runs tasks as scripted, the engine, a proxy
 * and the log appenders. Certificates are made on the spot.
 *
 * @throws `SchemaError` `SCHEMA_MISMATCH` naming everything wrong with the seed
 * @throws `SimulatorError` `SITE_NOT_LISTENING` when a port cannot be opened
 */
export async function simulateSense(options: SimulateSenseOptions = {}): Promise<SimulatedSense> {
  const { host = '127.0.0.1', clockSkewMs = 0, logger = silent, seedNumber = 1 } = options
  const clock = skewed(options.clock ?? systemClock, clockSkewMs)
  const seed = parseSite(options.seed ?? {})
  const { nodeName = 'node1', virtualProxies: proxies = [{}] } = seed
  const now = () => clock.now()
  const guid = createGuidSource(seedNumber)
  const activity = createActivity()
  const faults = createFaults(createRandom(seedNumber))
  const { journal, record } = createRequestJournal()
  const tasks = createLogAppender(options.logAppender?.tasks, logger)
  const users = createLogAppender(options.logAppender?.users, logger)
  const services = createServices(seed, { clock, guid, nodeName, lag: options.lag ?? {}, tasks, activity, faults, logger })
  const { store, scheduler, engine, identify, admitUser } = services

  let downUntilMs = 0
  const repository: Service = (request) => (now() < downUntilMs ? text(503, 'Service Unavailable') : services.repository(request))
  const sessions = createProxySessions({ guid, now, onChange: tellUser })
  const door = createEngineDoor({ engine, identify })
  const proxy = createProxy({ proxies, sessions, repository, engine, admit: admitUser, now })
  const proxyApi = createProxyApi({ proxies, sessions, checkKey, admit: admitUser })

  const { client: certificates, show } = await createSiteCertificates([
    ...new Set([nodeName, host, 'localhost', ...(options.hostNames ?? [])]),
  ])
  const listeners = createListeners({ host, tls: await show('valid'), faults, record, activity, clock, logger })
  const openAll = async () => ({
    port: await listeners.open(options.port, { service: repository }),
    enginePort: await listeners.open(options.enginePort, door),
    proxyPort: await listeners.open(options.proxyPort, { ...proxy, isPublic: true }),
    proxyApiPort: await listeners.open(options.proxyApiPort, { service: proxyApi }),
  })
  const opening = options.listen === false ? nowhere : openAll()
  const ports = await opening.catch(async (error: unknown) => {
    await closeAll()
    throw error
  })

  let closing: Promise<void> | undefined
  const close = () => (closing ??= closeAll())

  return {
    host,
    ...ports,
    url: `${httpsAddress(host, ports.port)}/qrs`,
    certificates,
    fetch: createInProcessFetch({ service: repository, faults, record, activity, clock, logger }),
    requests: journal,
    tasks: () => [...store.reloadTasks.values()].map(toWireTask),
    task: (nameOrId) => toWireTask(findNamed('task', [...store.reloadTasks.values()], nameOrId)),
    startTask: (nameOrId) => scheduler.start(findNamed('task', allTasks(store), nameOrId)),
    stopTask: (nameOrId) => scheduler.stop(findNamed('task', allTasks(store), nameOrId)),
    openSession: (user, session) => tellUser('Start session', user, session),
    closeSession: (user, session) => tellUser('Stop session', user, session),
    restart(downMs = 0) {
      services.forgetSubscribers()
      downUntilMs = now() + downMs
    },
    snapshot: services.snapshot,
    restore: services.restore,
    faults,
    failNext: (fault) => faults.add({ kind: 'answer', ...fault }),
    async showCertificate(shown) {
      listeners.useCertificate(await show(shown))
    },
    async idle() {
      await Promise.all([tasks.flushed(), users.flushed()])
      await activity.idle()
    },
    close,
    [Symbol.asyncDispose]: close,
  }

  function tellUser(command: UserEvent['command'], user: string, session: SessionOptions = {}): void {
    const [directory = '', userId = ''] = user.split('\\', 2)
    const { origin = 'Hub', context = '/hub/', userAgent = 'Mozilla/5.0' } = session
    users.send(toUserDatagram({ command, directory, userId, origin, context, userAgent }, nodeName))
  }

  async function closeAll(): Promise<void> {
    services.close()
    await Promise.all([listeners.close(), tasks.close(), users.close()])
  }
}

/** The ports of a site that does not listen. */
const nowhere = Promise.resolve({ port: 0, enginePort: 0, proxyPort: 0, proxyApiPort: 0 })

function skewed(clock: Clock, ms: number): Clock {
  return { now: () => clock.now() + ms, schedule: (callback, delayMs) => clock.schedule(callback, delayMs) }
}

function toWireTask(task: ReloadTaskRecord): WireReloadTask {
  return toView('ReloadTask', 'full', task) as WireReloadTask
}
