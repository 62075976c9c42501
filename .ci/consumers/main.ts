import { createButler, createMemoryBroker, createRouter, topic } from '@butlerkit/core'
import { recorder, testButler } from '@butlerkit/core/testing'
import { mqtt } from '@butlerkit/mqtt'
import { certificate, createSense } from '@butlerkit/sense'
import { apiKey, createCloud } from '@butlerkit/sense/cloud'
import { senseEvents, taskFailed } from '@butlerkit/sense/events'
import { simulateCloud, simulateSense } from '@butlerkit/sense-simulator'
import { butlerApi } from '@butlerkit/server-express'
import { slackNotifier } from '@butlerkit/slack'
import express from 'express'
import { z } from 'zod'

async function main(): Promise<void> {
  const site = await simulateSense({
    seed: { apps: [{ name: 'Sales' }], reloadTasks: [{ name: 'Reload', app: 'Sales', runs: [['started', '10ms', 'success']] }] },
  })
  const sense = createSense({
    host: site.host,
    qrsPort: site.port,
    auth: certificate(site.certificates),
    user: 'INTERNAL\\sa_api',
    allowTasks: 'all',
  })
  const startTask = topic('start/+taskId', { payload: z.object({}), reply: z.object({ executionId: z.string() }) })
  const router = createRouter<{ sense: typeof sense }>().on(startTask, async ({ params, ctx }) => ctx.sense.tasks.start(params.taskId))
  router.on(taskFailed, ({ payload }) => console.log(payload.taskName))

  const notify = recorder()
  const butler = createButler({ name: 'consumer', services: { sense, notify }, transports: [createMemoryBroker().transport()] }).mount(
    router,
  )
  await butler.start()
  const { executionId } = await butler.request(startTask, { taskId: site.task('Reload').id }, {})
  if (executionId.length !== 36) throw new Error(executionId)
  express().use(butlerApi({ butler, sense, notify, insecure: true }))
  await butler.stop()

  const test = await testButler({ services: { sense }, mount: [router] })
  await test.butler.stop()
  await sense.close()
  await site.close()

  const tenant = await simulateCloud({ seed: { apps: [{ name: 'Sales', reloads: [['started', '10ms', 'success']] }] } })
  const cloud = createCloud({ tenant: tenant.tenant, ca: tenant.ca, auth: apiKey(tenant.apiKey), allowApps: 'all' })
  const { status } = await (await cloud.reloads.start(tenant.appId('Sales'))).finished()
  if (status !== 'success') throw new Error(status)
  await cloud.close()
  await tenant.close()

  // Made, not opened.
  mqtt({ url: 'mqtt://127.0.0.1' })
  senseEvents({ tasks: { port: 0 } })
  slackNotifier({ webhookUrl: 'https://hooks.slack.com/services/T0/B0/x' })
  console.log('every package works')
}

void main()
