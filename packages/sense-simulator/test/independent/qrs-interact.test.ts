import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simulateSense, type SimulatedSense } from '@butlerkit/sense-simulator'
import QrsInteract from 'qrs-interact'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let dir: string
let site: SimulatedSense
let client: any

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qrs-interact-'))
  site = await simulateSense({
    seed: {
      tags: ['nightly', 'old'],
      apps: [{ name: 'Sales', stream: 'Everyone' }, { name: 'Draft' }],
      reloadTasks: [{ name: 'Reload Sales', app: 'Sales', tags: ['nightly'], runs: [['started']] }],
    },
  })
  await site.certificates.writeTo(dir)
  client = new QrsInteract({
    hostname: site.host,
    portNumber: site.port,
    certificates: { certFile: join(dir, 'client.pem'), keyFile: join(dir, 'client_key.pem') },
    repoAccount: 'UserDirectory=INTERNAL;UserId=sa_repository',
  })
})

afterEach(async () => {
  await site.close()
  await rm(dir, { recursive: true })
})

describe('qrs-interact', () => {
  it('lists and filters', async () => {
    expect((await client.Get('about')).body).toMatchObject({ schemaPath: 'About' })
    expect((await client.Get("app/full?filter=name eq 'sales'")).body).toMatchObject([{ name: 'Sales', published: true }])
    expect((await client.Get('app/count')).body).toEqual({ value: 2 })
    await expect(client.Get('app?filter=()')).rejects.toThrow('400::Invalid expression')
  })

  it('starts a task, changes it and deletes it', async () => {
    const [task] = (await client.Get('reloadtask/full')).body
    const started = await client.Post(`task/${task.id}/start/synchronous`)
    expect(started.statusCode).toBe(201)
    expect((await client.Get(`executionsession/${started.body.value}`)).body.reloadTask.name).toBe('Reload Sales')
    const changed = await client.Put(`reloadtask/${task.id}`, { ...task, name: 'Reload', enabled: false })
    expect(changed.body).toMatchObject({ name: 'Reload', enabled: false, app: { name: 'Sales' } })
    await expect(client.Put(`reloadtask/${task.id}`, { ...task, name: 'Lost' })).rejects.toThrow('409')
    expect((await client.Delete(`reloadtask/${task.id}`)).statusCode).toBe(204)
    await expect(client.Get(`reloadtask/${task.id}`)).rejects.toThrow('404')
    await expect(client.Get(`executionsession/${started.body.value}`)).rejects.toThrow('404')
  })

  it('makes tags and sets them', async () => {
    const tag = (await client.Post('tag', { name: 'weekly' }, 'json')).body
    const [app] = (await client.Get("app/full?filter=name eq 'Draft'")).body
    await client.Put(`app/${app.id}`, { ...app, tags: [tag] })
    expect((await client.Get("app/full?filter=tags.name eq 'weekly'")).body).toMatchObject([{ name: 'Draft' }])
    await client.Delete(`tag/${tag.id}`)
    expect((await client.Get(`app/${app.id}`)).body.tags).toEqual([])
  })

  it('uploads an app and downloads it again', async () => {
    const file = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 256))
    const uploaded = await client.Post('app/upload?name=Up&keepdata=false', file, 'application/vnd.qlik.sense.app')
    expect(uploaded.body).toMatchObject({ name: 'Up', fileSize: 5_000, published: false, owner: { userId: 'sa_repository' } })
    const { body } = await client.Post(`app/${uploaded.body.id}/export/11111111-1111-4111-8111-111111111111`)
    expect(body).toMatchObject({ appId: uploaded.body.id, exportToken: '11111111-1111-4111-8111-111111111111', cancelled: false })
    expect((await client.Get(body.downloadPath)).body).toEqual(file)
    await expect(client.Get(body.downloadPath)).rejects.toThrow('404')
  })
})
