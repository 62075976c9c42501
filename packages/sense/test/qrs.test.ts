import { q } from '@butlerkit/sense'
import { describe, expect, it } from 'vitest'
import { openSite } from './support/site.js'

const seed = {
  customProperties: [{ name: 'Region', choiceValues: ['EMEA', 'APAC'] }],
  apps: [
    { name: "Q1'25", stream: 'Everyone', tags: ['nightly'], customProperties: { Region: ['EMEA', 'APAC'] }, fileSize: 1_000 },
    { name: 'Q1\\25' },
    { name: 'a & b # c % d' },
    { name: '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11' },
  ],
  reloadTasks: [
    { name: 'Reload', app: "Q1'25", tags: ['nightly'], maxRetries: 2, taskSessionTimeout: 60 },
    { name: 'Other', app: 'Q1\\25', enabled: false },
  ],
}

describe('qrs.about', () => {
  it('says who answers', async () => {
    await using t = await openSite({ seed })
    expect(await t.sense.qrs.about()).toMatchObject({ buildVersion: expect.stringMatching(/^\d+\./), isCentral: true })
  })
})

describe('qrs.apps.list', () => {
  it('gives whole apps, without the dates and ids that mean none', async () => {
    await using t = await openSite({ seed })
    const apps = await t.sense.qrs.apps.list()
    expect(apps).toHaveLength(4)
    expect(apps.find(({ name }) => name === "Q1'25")).toMatchObject({
      published: true,
      publishTime: expect.any(Date),
      stream: { id: 'aaec8d41-5201-43ab-809f-3063750dfafd', name: 'Everyone' },
      tags: [{ name: 'nightly' }],
      customProperties: [
        { name: 'Region', value: 'EMEA' },
        { name: 'Region', value: 'APAC' },
      ],
      fileSize: 1_000,
    })
    expect(apps.find(({ name }) => name === 'Q1\\25')).toMatchObject({ published: false, stream: undefined, publishTime: undefined })
  })

  it.each(seed.apps.map(({ name }) => name))('finds %s by its name, as it is written', async (name) => {
    await using t = await openSite({ seed })
    expect((await t.sense.qrs.apps.list({ filter: q`name eq ${q.text(name)}` })).map((app) => app.name)).toEqual([name])
  })

  it('takes filters with several conditions', async () => {
    await using t = await openSite({ seed })
    const inStream = q`stream.name eq ${'Everyone'} or stream.name eq ${'Monitoring apps'}`
    const filter = q`${inStream} and tags.name eq ${'nightly'} and published eq ${true} and createdDate le ${new Date(t.clock.now())}`
    expect((await t.sense.qrs.apps.list({ filter })).map((app) => app.name)).toEqual(["Q1'25"])
  })

  it('tells what Sense says of a filter that is wrong', async () => {
    await using t = await openSite({ seed })
    await expect(t.sense.qrs.apps.list({ filter: q`nosuch eq ${1}` })).rejects.toMatchObject({ code: 'QRS_STATUS', status: 400 })
  })
})

describe('qrs.reloadTasks.list', () => {
  it('gives whole tasks, with their last run', async () => {
    await using t = await openSite({ seed })
    const filter = q`name eq ${'Reload'}`
    const [before] = await t.sense.qrs.reloadTasks.list({ filter })
    expect(before).toMatchObject({
      enabled: true,
      app: { name: "Q1'25" },
      tags: [{ name: 'nightly' }],
      maxRetries: 2,
      taskSessionTimeout: 60,
    })
    expect(before?.lastExecution).toBeUndefined()
    expect(before?.nextExecution).toBeUndefined()
    const run = await t.sense.tasks.start({ name: 'Reload' })
    await t.settle(run.finished())
    const [after] = await t.sense.qrs.reloadTasks.list({ filter })
    expect(after?.lastExecution).toMatchObject({ status: 7, startedAt: expect.any(Date), node: 'node1' })
  })
})

describe('a user', () => {
  it('whose name is not ASCII is understood', async () => {
    const users = [{ directory: 'LAB', id: 'åsa' }]
    await using t = await openSite({ seed: { users } }, { user: String.raw`LAB\åsa` })
    await expect(t.sense.qrs.about()).resolves.toHaveProperty('buildVersion')
  })

  it('whom Sense does not let in is QRS_FORBIDDEN', async () => {
    await using t = await openSite({ seed: { users: [{ directory: 'LAB', id: 'gone', inactive: true }] } }, { user: String.raw`LAB\gone` })
    await expect(t.sense.qrs.about()).rejects.toMatchObject({ code: 'QRS_FORBIDDEN', message: expect.stringContaining('inactive') })
  })
})
