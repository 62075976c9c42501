import { createHmac } from 'node:crypto'
import { silent, systemClock } from '@butlerkit/core'
import { createActivity } from '../activity.js'
import { createFaults } from '../faults.js'
import { findNamed } from '../find-named.js'
import { createGuidSource } from '../guid.js'
import { httpsAddress } from '../http/https-address.js'
import { createListeners } from '../http/listeners.js'
import { createPoster } from '../http/post.js'
import { createRandom } from '../random.js'
import { createRequestJournal } from '../request-journal.js'
import { createSiteCertificates } from '../site-certificates.js'
import { parseCloud } from './cloud-seed.js'
import { createCloudReloads, type CloudApp, type CloudReloadRecord } from './reloads.js'
import { createCloudRoutes } from './routes.js'
import type { SimulateCloudOptions, SimulatedCloud } from './simulated-cloud.js'
import { createCloudTokens } from './tokens.js'

const sixHoursMs = 21_600_000

/**
 * Starts a tenant of Qlik Cloud: tokens, the list of apps, reloads that go as scripted, their logs, and webhooks that are told of their end.
 *
 * @throws `SchemaError` `SCHEMA_MISMATCH` naming everything wrong with the seed
 * @throws `SimulatorError` `SITE_NOT_LISTENING` when the port cannot be opened
 */
export async function simulateCloud(options: SimulateCloudOptions = {}): Promise<SimulatedCloud> {
  const { host = '127.0.0.1', clock = systemClock, logger = silent, seedNumber = 1, tokenLifetimeMs = sixHoursMs } = options
  const seed = parseCloud(options.seed ?? {})
  const guid = createGuidSource(seedNumber)
  const activity = createActivity()
  const poster = createPoster({ activity, logger })
  const faults = createFaults(createRandom(seedNumber))
  const { journal, record } = createRequestJournal()
  const tenantId = guid().replaceAll('-', '')
  const userId = guid().replaceAll('-', '').slice(0, 24)
  const createdAt = new Date(clock.now()).toISOString()
  const apps = (seed.apps ?? []).map((app): CloudApp => ({ ...app, id: app.id?.toLowerCase() ?? guid(), createdAt }))
  const tokens = createCloudTokens(guid, () => clock.now(), tokenLifetimeMs)
  const reloads = createCloudReloads({ clock, guid, tenantId, maxConcurrentReloads: seed.maxConcurrentReloads, onFinished: tell })

  const { show } = await createSiteCertificates([...new Set([host, 'localhost'])])
  const tls = await show('valid')
  const listeners = createListeners({ host, tls, faults, record, activity, clock, logger })
  const service = createCloudRoutes({ apps, reloads, tokens, tenantId, userId, guid })
  const port = await listeners.open(options.port, { service, isPublic: true })
  const tenant = httpsAddress(host, port)

  let closing: Promise<void> | undefined
  const close = () => (closing ??= closeAll())

  return {
    tenant,
    ca: tls.ca,
    apiKey: tokens.apiKey,
    oauthClient: tokens.oauthClient,
    requests: journal,
    faults,
    failNext: (fault) => faults.add({ kind: 'answer', ...fault }),
    appId: (nameOrId) => findNamed('app', apps, nameOrId).id,
    reloads: () => reloads.all(),
    startReload: (nameOrId) => reloads.start(findNamed('app', apps, nameOrId), { type: 'hub', userId }).id,
    expireTokens: tokens.expire,
    idle: activity.idle,
    close,
    [Symbol.asyncDispose]: close,
  }

  function tell(reload: CloudReloadRecord): void {
    const type = 'com.qlik.v1.reload.finished'
    const body = JSON.stringify({
      id: guid(),
      type,
      source: 'com.qlik/reloads',
      specversion: '1.0',
      datacontenttype: 'application/json',
      time: reload.endTime,
      tenantid: tenantId,
      userid: userId,
      toplevelresourceid: reload.appId,
      data: { ...reload, succeeded: reload.status === 'SUCCEEDED' },
    })
    for (const { url, secret } of seed.webhooks ?? []) {
      const signature = secret === undefined ? {} : { 'qlik-signature': createHmac('sha256', secret).update(body).digest('hex') }
      const fault = faults.forNotification(type)
      if (fault?.kind === 'drop') continue
      for (let times = fault?.kind === 'duplicate' ? 2 : 1; times > 0; times--) poster.post(url, body, signature)
    }
  }

  async function closeAll(): Promise<void> {
    reloads.close()
    await listeners.close()
    poster.close()
  }
}
