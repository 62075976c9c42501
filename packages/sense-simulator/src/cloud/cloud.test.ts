import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createVirtualClock } from '@butlerkit/core/testing'
import { verifyWebhook, WebhookError } from '@butlerkit/sense/cloud'
import { describe, expect, it } from 'vitest'
import { simulateCloud } from './cloud.js'
import type { CloudSeed } from './cloud-seed.js'
import type { SimulatedCloud } from './simulated-cloud.js'

const finished = 'com.qlik.v1.reload.finished'

describe('reloads', () => {
  it('of one app come one after another, those of others go on', async () => {
    await using t = await open({ apps: [{ name: 'A', reloads: [['started', '10s', 'success'], ['started']] }, { name: 'B' }] })
    for (const app of ['A', 'A', 'B']) t.cloud.startReload(app)
    await t.clock.advance(5_000)
    expect(statuses(t.cloud)).toEqual(['RELOADING', 'QUEUED', 'SUCCEEDED'])
    await t.clock.advance(5_000)
    expect(statuses(t.cloud)).toEqual(['SUCCEEDED', 'RELOADING', 'SUCCEEDED'])
  })

  it('beyond the limit wait for their turn', async () => {
    const apps = ['A', 'B', 'C'].map((name) => ({ name, reloads: [['started', '10s', 'success'] as const] }))
    await using t = await open({ apps, maxConcurrentReloads: 2 })
    for (const { name } of apps) t.cloud.startReload(name)
    expect(statuses(t.cloud)).toEqual(['RELOADING', 'RELOADING', 'QUEUED'])
    await t.clock.advance(10_000)
    expect(statuses(t.cloud)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'RELOADING'])
  })

  it('have the same ids in every run', async () => {
    await using first = await open({ apps: [{ name: 'A' }] })
    await using second = await open({ apps: [{ name: 'A' }] })
    const ids = [first, second].map(({ cloud }) => [cloud.appId('A'), cloud.startReload('A'), cloud.apiKey])
    expect(ids[0]).toEqual(ids[1])
  })

  it('of an app that is not there, or twice, cannot be started', async () => {
    await using t = await open({ apps: [{ name: 'A' }, { name: 'A' }] })
    expect(() => t.cloud.startReload('B')).toThrow(expect.objectContaining({ code: 'SITE_UNKNOWN', message: "no app 'B'" }))
    expect(() => t.cloud.startReload('A')).toThrow(expect.objectContaining({ code: 'SITE_UNKNOWN' }))
  })
})

describe('webhooks', () => {
  it('are told of each end, signed where they have a secret', async () => {
    await using hook = await listen()
    const webhooks = [{ url: `${hook.url}/signed`, secret: 'canary' }, { url: `${hook.url}/open` }]
    await using t = await open({ apps: [{ name: 'A', reloads: [['started', '1s', 'failed']] }], webhooks })
    const id = t.cloud.startReload('A')
    await t.clock.advance(1_000)
    await t.cloud.idle()
    const [signed, plain] = hook.deliveries.toSorted((a, b) => b.path.localeCompare(a.path))
    const event = verifyWebhook(signed?.body ?? '', signed?.signature, 'canary')
    expect(event).toMatchObject({ type: finished, data: { id, appId: t.cloud.appId('A'), status: 'FAILED', succeeded: false } })
    expect(plain).toMatchObject({ path: '/open', signature: undefined })
    expect(() => verifyWebhook(plain?.body ?? '', plain?.signature, 'canary')).toThrow(WebhookError)
  })

  it('can miss a delivery, or have it twice', async () => {
    await using hook = await listen()
    await using t = await open({ apps: [{ name: 'A' }], webhooks: [{ url: hook.url, secret: 'canary' }] })
    t.cloud.faults.add({ notification: finished, kind: 'drop' })
    t.cloud.faults.add({ notification: finished, kind: 'duplicate' })
    for (const expected of [0, 2, 3]) {
      t.cloud.startReload('A')
      await t.clock.advance(3_000)
      await t.cloud.idle()
      expect(hook.deliveries).toHaveLength(expected)
    }
    expect(new Set(hook.deliveries.map(({ body }) => body)).size).toBe(2)
  })
})

describe('a seed', () => {
  it.each<[string, unknown]>([
    ['apps.0.reloads.0.0', { apps: [{ name: 'A', reloads: [['retry']] }] }],
    ['nothing can follow', { apps: [{ name: 'A', reloads: [['success', '1s']] }] }],
    ['apps.0.id', { apps: [{ name: 'A', id: 'x' }] }],
    ['webhooks.0.url', { webhooks: [{ url: 'here' }] }],
    ['streams', { streams: [] }],
  ])('that is not right is told where: %s', async (where, seed) => {
    const failure = { code: 'SCHEMA_MISMATCH', message: expect.stringContaining(where) as string }
    await expect(simulateCloud({ seed: seed as CloudSeed })).rejects.toMatchObject(failure)
  })
})

it('says that a port cannot be had', async () => {
  await using t = await open({})
  const port = Number(new URL(t.cloud.tenant).port)
  await expect(simulateCloud({ port })).rejects.toMatchObject({ code: 'SITE_NOT_LISTENING' })
})

/** The oldest first. */
function statuses(cloud: SimulatedCloud): string[] {
  return cloud
    .reloads()
    .map(({ status }) => status)
    .toReversed()
}

async function open(seed: CloudSeed) {
  let cloud: SimulatedCloud | undefined
  const clock = createVirtualClock({ settle: () => cloud?.idle() ?? Promise.resolve() })
  cloud = await simulateCloud({ clock, seed })
  return { cloud, clock, [Symbol.asyncDispose]: cloud.close }
}

async function listen() {
  const deliveries: { path: string; body: string; signature: string | undefined }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const signature = request.headers['qlik-signature']?.toString()
      deliveries.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString(), signature })
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliveries,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
