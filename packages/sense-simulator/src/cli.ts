#!/usr/bin/env node
import { join } from 'node:path'
import { messageOf } from '@butlerkit/core'
import { readSettings, usage } from './cli-settings.js'
import type { SimulatedSense } from './simulated-sense.js'
import { simulateSense } from './site.js'

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`sense-simulator: ${messageOf(error)}`)
  process.exitCode = 1
})

async function main(args: readonly string[]): Promise<void> {
  const settings = await readSettings(args)
  if (settings === undefined) return void process.stdout.write(usage)

  const { certs, ...options } = settings
  const site = await simulateSense({ ...options, logger: console })
  const stop = () => void site.close()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    await site.certificates.writeTo(certs)
  } catch (error) {
    await site.close()
    throw error
  }
  process.stdout.write(addresses(site, certs))
}

function addresses(site: SimulatedSense, certs: string): string {
  const tls = `--cacert ${join(certs, 'root.pem')} --cert ${join(certs, 'client.pem')} --key ${join(certs, 'client_key.pem')}`
  const headers = "-H 'X-Qlik-Xrfkey: 0123456789abcdef' -H 'X-Qlik-User: UserDirectory=INTERNAL; UserId=sa_api'"
  const tasks = site.tasks().map(({ id, name }) => `  ${id}  ${name}`)
  const { hostname } = new URL(site.url)
  return [
    `QRS           ${site.url}`,
    `engine        wss://${hostname}:${site.enginePort}/app/<id>, https://${hostname}:${site.enginePort}/engine/healthcheck`,
    `proxy         https://${hostname}:${site.proxyPort}`,
    `proxy API     https://${hostname}:${site.proxyApiPort}/qps`,
    `certificates  ${certs}`,
    ...(tasks.length > 0 ? ['reload tasks', ...tasks] : []),
    'try',
    `  curl ${tls} ${headers} '${site.url}/about?xrfkey=0123456789abcdef'`,
    'Ctrl-C ends it.',
    '',
  ].join('\n')
}
