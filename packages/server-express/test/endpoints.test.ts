import { mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ButlerError, type Notification, type OutboundMessage } from '@butlerkit/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endpoints, type ButlerApiOptions, type ButlerServices } from '../src/index.js'
import { butler, sense, serve } from './serve.js'

let root = ''
const opened: { close(): Promise<unknown> }[] = []
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'butlerkit-api-')))
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()))
  await rm(root, { recursive: true })
})

async function open(options: Partial<ButlerApiOptions> = {}) {
  const server = await serve(options)
  opened.push(server)
  return server
}

const query = (params: Record<string, string>) => `?${new URLSearchParams(params).toString()}`
const isDirectory = async (place: string) => (await stat(place)).isDirectory()

it('describes every endpoint as plain data with a path and a line of its own', () => {
  expect(endpoints.map((endpoint) => endpoint.path)).toEqual([...new Set(endpoints.map((endpoint) => endpoint.path))])
  expect(endpoints.filter(({ access }) => access === 'open').map((endpoint) => endpoint.path)).toEqual(['/livez', '/readyz'])
  expect(endpoints.filter(({ summary }) => summary === '')).toEqual([])
})

it('butlerPing reports for duty', async () => {
  const { get } = await open()
  expect(await get('/butlerPing')).toMatchObject({ status: 200, text: '{"response":"Butler reporting for duty"}' })
})

describe('createDir', () => {
  it('makes a directory with those above it, and echoes; again is fine', async () => {
    const { get } = await open({ directories: { roots: [root] } })
    const directory = path.join(root, 'a b', 'é')
    for (let time = 0; time < 2; time += 1) {
      expect(await get(`/createDir${query({ directory })}`)).toMatchObject({ status: 200, body: { directory } })
      expect(await isDirectory(directory)).toBe(true)
    }
  })

  it.each([
    ['outside', () => '/somewhere/else', 403, 'PATH_DENIED'],
    ['a relative path', () => 'a', 403, 'PATH_DENIED'],
    ['a way out by ..', () => `${root}/a/../../x`, 403, 'PATH_DENIED'],
    ['a way out, encoded twice', () => `${root}/%2e%2e/x`, 403, 'PATH_DENIED'],
    ['a NUL', () => `${root}/a\0b`, 403, 'PATH_DENIED'],
    ['a sibling with the same beginning', () => `${root}-evil/x`, 403, 'PATH_DENIED'],
    ['a link out', () => `${root}/out/x`, 403, 'PATH_DENIED'],
    ['a link to nowhere', () => `${root}/broken/x`, 403, 'PATH_DENIED'],
    ['below a file', () => `${root}/file/x`, 409, 'PATH_CONFLICT'],
    ['on a file', () => `${root}/file`, 409, 'PATH_CONFLICT'],
    ['nothing', () => '', 400, 'API_QUERY'],
  ])('refuses %s and makes nothing', async (_, directory, status, code) => {
    const outside = await realpath(await mkdtemp(path.join(tmpdir(), 'butlerkit-out-')))
    try {
      await symlink(outside, path.join(root, 'out'))
      await symlink(path.join(outside, 'missing'), path.join(root, 'broken'))
      await writeFile(path.join(root, 'file'), '')
      const { get } = await open({ directories: { roots: [root] } })
      expect(await get(`/createDir${query({ directory: directory() })}`)).toMatchObject({ status, body: { code } })
      await expect(stat(path.join(outside, 'x'))).rejects.toThrow('ENOENT')
      await expect(stat(path.join(outside, 'missing'))).rejects.toThrow('ENOENT')
    } finally {
      await rm(outside, { recursive: true })
    }
  })
})

describe('createDirQVD', () => {
  it('makes a directory relative to the QVD root and echoes', async () => {
    const { get } = await open({ directories: { qvdRoot: root } })
    expect(await get('/createDirQVD?directory=2026/sales')).toMatchObject({ status: 200, body: { directory: '2026/sales' } })
    expect(await isDirectory(path.join(root, '2026', 'sales'))).toBe(true)
  })

  it.each(['../x', 'a/../../x', '/x', 'C:/x', 'C:x', '\\x', '\\\\host\\share', '..%5Cx', '%2e%2e/x'])('refuses %s', async (directory) => {
    const { get } = await open({ directories: { qvdRoot: root } })
    expect(await get(`/createDirQVD${query({ directory })}`)).toMatchObject({ status: 403, body: { code: 'PATH_DENIED' } })
  })

  it('refuses an absolute path even inside the root', async () => {
    const { get } = await open({ directories: { qvdRoot: root } })
    expect((await get(`/createDirQVD${query({ directory: path.join(root, 'a') })}`)).status).toBe(403)
  })
})

describe('getDiskSpace', () => {
  it('tells bytes, for roots and for diskPaths', async () => {
    await mkdir(path.join(root, 'a'))
    for (const options of [{ directories: { roots: [root] } }, { diskPaths: [root] }]) {
      const { get } = await open(options)
      for (const place of [root, path.join(root, 'a')]) {
        const { status, body } = await get(`/getDiskSpace${query({ path: place })}`)
        expect({ status, keys: Object.keys(body), path: body.path }).toEqual({
          status: 200,
          keys: ['path', 'available', 'free', 'total'],
          path: place,
        })
        expect(body.available).toBeLessThanOrEqual(body.free)
        expect(body.free).toBeLessThanOrEqual(body.total)
        expect(body.total).toBeGreaterThan(0)
      }
    }
  })

  it.each([
    ['outside', () => '/', 403, 'PATH_DENIED'],
    ['what is not there', () => path.join(root, 'missing'), 404, 'PATH_NOT_FOUND'],
  ])('refuses %s', async (_, place, status, code) => {
    const { get } = await open({ diskPaths: [root] })
    expect(await get(`/getDiskSpace${query({ path: place() })}`)).toMatchObject({ status, body: { code } })
  })
})

describe('mqttPublishMessage', () => {
  it('publishes with QoS 1, through the transport that was named, and echoes', async () => {
    const published: [OutboundMessage, string | undefined][] = []
    const publishRaw: ButlerServices['publishRaw'] = (sent, options) => (published.push([sent, options?.via]), Promise.resolve())
    const { get } = await open({ butler: { ...butler, publishRaw }, publishTopics: ['qliksense/+/note'], publishVia: 'lab' })
    const message = { topic: 'qliksense/lab/note', message: 'hé & <you>' }
    expect(await get(`/mqttPublishMessage${query(message)}`)).toMatchObject({ status: 200, body: message })
    const payload = Buffer.from('hé & <you>')
    expect(published).toEqual([[{ topic: 'qliksense/lab/note', payload, qos: 1, retain: false }, 'lab']])
  })

  it.each([
    ['another topic', 'other', 403, 'TOPIC_DENIED'],
    ['one below', 'qliksense/lab/note/x', 403, 'TOPIC_DENIED'],
    ['a topic of the broker’s own', '$SYS/x', 403, 'TOPIC_DENIED'],
    ['a filter', 'qliksense/+/note', 400, 'API_QUERY'],
    ['a filter for all', '#', 400, 'API_QUERY'],
    ['a NUL', 'qliksense/a\0/note', 400, 'API_QUERY'],
    ['no topic', '', 400, 'API_QUERY'],
  ])('refuses %s and publishes nothing', async (_, topic, status, code) => {
    const published: OutboundMessage[] = []
    const publishRaw = (message: OutboundMessage) => (published.push(message), Promise.resolve())
    const { get } = await open({ butler: { ...butler, publishRaw }, publishTopics: ['qliksense/+/note', '+/all'] })
    expect(await get(`/mqttPublishMessage${query({ topic, message: 'm' })}`)).toMatchObject({ status, body: { code } })
    expect(published).toEqual([])
  })

  it('answers after the work: says so when the broker is away', async () => {
    const publishRaw = () => Promise.reject(new ButlerError('MQTT_NOT_CONNECTED', 'no connection to broker.lab'))
    const { get } = await open({ butler: { ...butler, publishRaw }, publishTopics: ['#'] })
    expect(await get('/mqttPublishMessage?topic=a&message=')).toMatchObject({ status: 503, body: { code: 'MQTT_NOT_CONNECTED' } })
  })
})

it('senseListApps lists id and name, and nothing else of an app', async () => {
  const { get } = await open({ sense })
  expect(await get('/senseListApps')).toMatchObject({
    status: 200,
    text: '[{"id":"a1","name":"Sales"},{"id":"a2","name":"Stock"}]',
  })
})

describe('senseAppDump', () => {
  const appId = '0d815a99-1c62-4ec3-8b3f-0f5f2d4b2b27'

  it.each(['appId', 'guid'])('dumps the app given as %s under Butler’s names, and nothing else', async (name) => {
    const { get } = await open({ sense })
    const { status, body } = await get(`/senseAppDump?${name}=${appId}`)
    expect({ status, body }).toMatchObject({ status: 200, body: { appId, loadScript: "SET a = 'b';", sheets: [{ qProperty: {} }] } })
    expect(body).not.toHaveProperty('secret')
  })

  it.each([
    ['no id', '?appId=1', 400, 'API_QUERY'],
    ['both names', `?appId=${appId}&guid=${appId}`, 400, 'API_QUERY'],
    ['an app that is not there', `?appId=${appId}`, 404, 'ENGINE_NOT_FOUND'],
  ])('refuses %s', async (_, asked, status, code) => {
    const dump = () => Promise.reject(new ButlerError('ENGINE_NOT_FOUND', 'OpenDoc: App not found'))
    const { get } = await open({ sense: { ...sense, apps: { dump } } })
    expect(await get(`/senseAppDump${asked}`)).toMatchObject({ status, body: { code } })
  })
})

it('senseQRSPing tells the repository’s version, and nothing else of it', async () => {
  const { get } = await open({ sense })
  expect(await get('/senseQRSPing')).toMatchObject({ status: 200, text: '{"buildVersion":"38.22.0.0"}' })
})

it.each(['taskId', 'taskid'])('senseStartTask starts the task given as %s and tells its execution', async (name) => {
  const started: string[] = []
  const tasks = { start: (id: string) => (started.push(id), Promise.resolve({ executionId: 'e1' })) }
  const { get } = await open({ sense: { ...sense, tasks } })
  const taskId = '0D815A99-1c62-4ec3-8b3f-0f5f2d4b2b27'
  expect(await get(`/senseStartTask?${name}=${taskId}`)).toMatchObject({ status: 200, body: { taskId, executionId: 'e1' } })
  expect(started).toEqual([taskId])
})

describe('slackPostMessage', () => {
  it.each<[Record<string, string>, Notification]>([
    [
      { channel: '#etl', from_user: 'Reloader', msg: 'Done & <dusted>', emoji: ':tada:' },
      { title: ':tada: Reloader', text: 'Done & <dusted>', fields: { channel: '#etl' } },
    ],
    [{ msg: 'Done' }, { title: 'Butler', text: 'Done' }],
  ])('notifies and echoes: %j', async (message, notification) => {
    const told: Notification[] = []
    const notify = { name: 'slack', notify: (one: Notification) => (told.push(one), Promise.resolve({ notifier: 'slack' })) }
    const { get } = await open({ notify })
    expect(await get(`/slackPostMessage${query(message)}`)).toMatchObject({ status: 200, body: message })
    expect(told).toEqual([notification])
  })

  it('answers after the work: says so when it was not delivered', async () => {
    const notify = { name: 'slack', notify: () => Promise.reject(new ButlerError('SLACK_REFUSED', 'slack: answered 404 no_service')) }
    const { get } = await open({ notify })
    expect(await get('/slackPostMessage?msg=hello')).toMatchObject({
      status: 502,
      body: { code: 'SLACK_REFUSED', detail: 'slack: answered 404 no_service' },
    })
  })
})
