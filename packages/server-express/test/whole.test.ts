import { createButler, createMemoryBroker, type Butler, type OutboundMessage } from '@butlerkit/core'
import { certificate, createSense, type Sense } from '@butlerkit/sense'
import { simulateSense, type SimulatedSense } from '@butlerkit/sense-simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve } from './serve.js'

/** The API over a real butler, on a broker in the process, and a real Sense client, on a simulated site. */
describe('the whole', () => {
  const published: OutboundMessage[] = []
  const broker = createMemoryBroker({ published: (message) => void published.push(message) })
  let site: SimulatedSense
  let sense: Sense
  let butler: Butler
  let api: Awaited<ReturnType<typeof serve>>

  beforeAll(async () => {
    const seed = {
      apps: [{ name: 'Sales', content: { script: "SET a = 'b';", sheets: [{ id: 's1', title: 'Overview' }] } }],
      reloadTasks: [
        { name: 'Reload Sales', app: 'Sales', tags: ['nightly'] },
        { name: 'Secret', app: 'Sales' },
      ],
    }
    site = await simulateSense({ seed })
    const { host, port, certificates } = site
    sense = createSense({
      host,
      qrsPort: port,
      enginePort: site.enginePort,
      auth: certificate(certificates),
      user: 'INTERNAL\\sa_api',
      allowTasks: { tags: ['nightly'] },
    })
    butler = createButler({ name: 'butler-1', transports: [broker.transport()] })
    api = await serve({ butler, sense, publishTopics: ['qliksense/#'] })
  })
  afterAll(async () => {
    await api.close()
    await butler.stop()
    await sense.close()
    await site.close()
  })

  it('is ready once the butler has started', async () => {
    expect(await api.get('/readyz')).toMatchObject({ status: 503, body: { status: 'not ready' } })
    expect(await api.get('/mqttPublishMessage?topic=qliksense/note&message=hello')).toMatchObject({ status: 503 })
    await butler.start()
    expect(await api.get('/readyz')).toMatchObject({ status: 200, body: { components: { memory: { state: 'connected', ready: true } } } })
  })

  it('publishes', async () => {
    expect((await api.get('/mqttPublishMessage?topic=qliksense/note&message=hello')).status).toBe(200)
    expect(published).toMatchObject([{ topic: 'qliksense/note', qos: 1 }])
  })

  it('asks the repository', async () => {
    expect(await api.get('/senseQRSPing')).toMatchObject({ status: 200, body: { buildVersion: expect.stringMatching(/^\d+\./) } })
    expect(await api.get('/senseListApps')).toMatchObject({ status: 200, body: [{ id: expect.any(String), name: 'Sales' }] })
  })

  it('dumps an app', async () => {
    const { id } = site.task('Secret').app
    expect(await api.get(`/senseAppDump?appId=${id}`)).toMatchObject({
      status: 200,
      body: {
        appId: id,
        loadScript: expect.stringContaining("SET a = 'b';"),
        sheets: [{ qProperty: { qInfo: { qId: 's1' } } }],
        stories: [],
      },
    })
    const unknown = '0d815a99-1c62-4ec3-8b3f-0f5f2d4b2b27'
    expect(await api.get(`/senseAppDump?appId=${unknown}`)).toMatchObject({ status: 404, body: { code: 'ENGINE_NOT_FOUND' } })
  })

  it('starts a task that is allowed', async () => {
    const { id } = site.task('Reload Sales')
    expect(await api.get(`/senseStartTask?taskId=${id}`)).toMatchObject({
      status: 200,
      body: { taskId: id, executionId: expect.any(String) },
    })
  })

  it('starts no task that is not allowed, or not there', async () => {
    const { id } = site.task('Secret')
    expect(await api.get(`/senseStartTask?taskId=${id}`)).toMatchObject({ status: 403, body: { code: 'TASK_DENIED' } })
    const unknown = '0d815a99-1c62-4ec3-8b3f-0f5f2d4b2b27'
    expect(await api.get(`/senseStartTask?taskId=${unknown}`)).toMatchObject({ status: 404, body: { code: 'TASK_NOT_FOUND' } })
  })
})
