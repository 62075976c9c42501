import { Agent } from 'node:https'
import { simulateSense, type SimulatedSense } from '@butlerkit/sense-simulator'
import { QlikRepoApi } from 'qlik-repo-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let site: SimulatedSense
let client: QlikRepoApi.client
let httpsAgent: Agent

beforeEach(async () => {
  site = await simulateSense({
    seed: {
      customProperties: [{ name: 'Region', choiceValues: ['EMEA', 'APAC'] }],
      apps: [{ name: 'Sales', stream: 'Everyone' }, { name: 'Draft' }],
      reloadTasks: [{ name: 'Reload Sales', app: 'Sales', tags: ['nightly'], runs: [['started']] }],
    },
  })
  const { ca, cert, key } = site.certificates
  httpsAgent = new Agent({ ca, cert, key })
  client = new QlikRepoApi.client({
    host: site.host,
    port: site.port,
    httpsAgent,
    authentication: { user_dir: 'INTERNAL', user_name: 'sa_repository' },
  })
})

afterEach(async () => {
  httpsAgent.destroy()
  await site.close()
})

describe('qlik-repo-api', () => {
  it('lists and filters', async () => {
    expect(await client.about.get()).toMatchObject({ schemaPath: 'About' })
    expect((await client.apps.getAll()).map(({ details }: any) => details.name)).toEqual(['Sales', 'Draft'])
    expect((await client.apps.getFilter({ filter: 'published eq false' }))[0].details.name).toBe('Draft')
    expect((await client.streams.getFilter({ filter: "name eq 'Everyone'" }))[0]?.details.id).toBe('aaec8d41-5201-43ab-809f-3063750dfafd')
  })

  it('starts a task, changes it and deletes it', async () => {
    const [task] = await client.reloadTasks.getFilter({ filter: "name eq 'Reload Sales'" })
    if (task === undefined) throw new Error('no task')
    expect(await task.start()).toBe(204)
    expect(await client.executionSessions.getAll()).toHaveLength(1)
    await task.update({ name: 'Reload', enabled: false, customProperties: ['Region=EMEA'], tags: [] })
    expect(site.task('Reload')).toMatchObject({ enabled: false, tags: [], customProperties: [{ value: 'EMEA' }] })
    expect(await task.remove()).toBe(204)
    expect(site.tasks()).toEqual([])
  })

  it('makes a task for an app', async () => {
    const [app] = await client.apps.getFilter({ filter: "name eq 'Draft'" })
    const task = await client.reloadTasks.create({ name: 'Made', appId: app.details.id, tags: [] })
    expect(task.details).toMatchObject({ name: 'Made', app: { name: 'Draft' } })
    await task.triggers.addSchema({ name: 'Daily', repeat: 'Daily', interval: 1, startDate: '2030-01-01T00:00:00.000Z' } as any)
    await task.triggers.addComposite({ name: 'After', eventTasks: [{ filter: "name eq 'Reload Sales'", state: 'success' }] } as any)
    expect(site.task('Made').operational.nextExecution).toBe('2030-01-01T00:00:00.000Z')
    const again = await client.reloadTasks.get({ id: task.details.id })
    expect(again.triggers.details.map(({ details }: any) => details.name)).toEqual(['Daily', 'After'])
  })

  it('makes, finds and removes tags and selections', async () => {
    await client.tags.createMany({ names: ['one', 'two'] })
    const tag = await client.tags.create({ name: 'three' })
    expect(tag.details.name).toBe('three')
    expect(await client.tags.getAll()).toHaveLength(4)
    expect((await client.apps.select({ filter: "name eq 'Sales'" })).items).toMatchObject([{ objectName: 'Sales' }])
    expect(await client.tags.removeFilter({ filter: "name sw 't'" })).toHaveLength(2)
  })

  it('copies, publishes, uploads, exports and removes an app', async () => {
    const [draft] = await client.apps.getFilter({ filter: "name eq 'Draft'" })
    const copy = await draft.copy({ name: 'Copy' })
    expect(await copy.publish({ stream: 'Everyone' })).toMatchObject({ published: true, stream: { name: 'Everyone' } })
    const uploaded = await client.apps.upload({ name: 'Up', file: Buffer.alloc(1_000, 7) })
    expect(uploaded.details).toMatchObject({ name: 'Up', fileSize: 1_000 })
    expect(await uploaded.remove()).toBe(204)
    expect(await client.apps.getAll()).toHaveLength(3)
  })
})
