import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Butler, Logger } from '@butlerkit/core'
import { mqtt } from '@butlerkit/mqtt'
import { certificate, createSense, type Sense } from '@butlerkit/sense'
import { senseEvents } from '@butlerkit/sense/events'
import type { SimulatedSense } from '@butlerkit/sense-simulator'
import { butlerApi } from '@butlerkit/server-express'
import { slackNotifier } from '@butlerkit/slack'
import express from 'express'
import { assembleButler, type Services } from './butler.js'
import type { Settings } from './settings.js'
import { startBroker } from './stand-ins/broker.js'
import { freeUdpPort, startSite } from './stand-ins/site.js'
import { startSlack } from './stand-ins/slack.js'

/** The butler with everything around it: real where the settings name it, a stand-in where they do not. */
export interface App {
  readonly butler: Butler<Services>
  readonly mqttUrl: string
  readonly httpUrl: string
  readonly apiKey: string
  readonly sense: Sense
  /** The simulated site; `undefined` where Sense is real. */
  readonly site: SimulatedSense | undefined
  /** Slack's stand-in; `undefined` where Slack is real. */
  readonly slack: Awaited<ReturnType<typeof startSlack>> | undefined
  /** The one folder `createDir` may write below. */
  readonly directory: string
  close(): Promise<void>
}

export async function startApp(settings: Settings, logger: Logger, show: (line: string) => void): Promise<App> {
  const cleanUps: (() => Promise<unknown>)[] = []
  const closing = <T extends { close(): Promise<unknown> }>(part: T): T => {
    cleanUps.unshift(() => part.close())
    return part
  }

  const mqttUrl = settings.mqttUrl ?? closing(await startBroker()).url
  const slack = settings.slackWebhook === undefined ? closing(await startSlack((message) => show(message))) : undefined
  const eventsPort = settings.sense?.eventsPort ?? (await freeUdpPort())
  const site = settings.sense ? undefined : closing(await startSite(eventsPort))

  const sense = closing(
    createSense({
      ...(settings.sense
        ? {
            host: settings.sense.host,
            qrsPort: settings.sense.port,
            auth: certificate({ dir: settings.sense.certificateDir }),
            allowTasks: { ids: settings.sense.allowedTasks },
          }
        : { host: site!.host, qrsPort: site!.port, auth: certificate(site!.certificates), allowTasks: { tags: ['butler'] } }),
      user: settings.sense?.user ?? 'INTERNAL\\sa_api',
      logger,
    }),
  )
  const notify = slackNotifier(
    slack
      ? { webhookUrl: slack.url, allowedHosts: ['127.0.0.1'] }
      : { webhookUrl: settings.slackWebhook!, allowedHosts: ['hooks.slack.com', '127.0.0.1'] },
  )
  const allowFrom = settings.sense ? [(await lookup(settings.sense.host)).address] : undefined
  const services: Services = { sense, notify, site: 'lab' }
  const transports = [
    mqtt({ url: mqttUrl, clientId: 'butlerkit-example', durable: true, closeTimeoutMs: 500 }),
    senseEvents({ tasks: { port: eventsPort, ...(settings.sense && { host: '0.0.0.0' }) }, ...(allowFrom && { allowFrom }) }),
  ]
  const butler = assembleButler(services, transports, logger)

  const directory = await mkdtemp(path.join(tmpdir(), 'butlerkit-'))
  cleanUps.unshift(() => rm(directory, { recursive: true }))
  const apiKey = randomBytes(16).toString('hex')
  const server = express()
    .use(
      butlerApi({ butler, sense, notify, apiKeys: [apiKey], directories: { roots: [directory] }, publishTopics: ['qliksense/#'], logger }),
    )
    .listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.unshift(() => closeServer(server))

  return {
    butler,
    mqttUrl,
    httpUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    sense,
    site,
    slack,
    directory,
    async close() {
      for (const cleanUp of cleanUps) await cleanUp()
    },
  }
}

function closeServer(server: Server): Promise<unknown> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}
