import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { WebhookEvent } from '@butlerkit/sense/cloud'
import express from 'express'
import { expect, it } from 'vitest'
import { qlikWebhook } from './readme-webhook.example.js'
import { openTenant } from './support/tenant.js'

const secret = 'canary-secret'

it('the README’s route takes what the tenant sends, and nothing else', async () => {
  await using route = await listen()
  const seed = { apps: [{ name: 'Sales' }], webhooks: [{ url: route.url, secret }] }
  await using t = await openTenant({ seed })
  const run = await t.cloud.reloads.start(t.tenant.appId('Sales'))
  expect(await t.settle(run.finished())).toMatchObject({ status: 'success' })
  await t.tenant.idle()
  const { executionId: id, task } = run
  expect(route.events).toMatchObject([{ type: 'com.qlik.v1.reload.finished', data: { id, appId: task.id, status: 'SUCCEEDED' } }])

  const post = async (body: string | null, headers = {}) => (await fetch(route.url, { method: 'POST', body, headers })).status
  expect(await post('{"type":"a"}')).toBe(401)
  expect(await post('{"type":"a"}', { 'qlik-signature': '0'.repeat(64) })).toBe(401)
  expect(await post(null, { 'qlik-signature': '0'.repeat(64) })).toBe(401)
  expect(route.events).toHaveLength(1)
})

async function listen() {
  const events: WebhookEvent[] = []
  const server = express()
    .use(qlikWebhook(secret, (event) => events.push(event)))
    .listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/qlik`,
    events,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
