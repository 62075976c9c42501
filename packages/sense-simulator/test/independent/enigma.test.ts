import { once } from 'node:events'
import { createVirtualClock } from '@butlerkit/core/testing'
import { simulateSense, type AppContentSeed, type SimulatedSense } from '@butlerkit/sense-simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { send } from '../qrs-call.js'
import { until } from '../until.js'
import { enigmaSession, type EnigmaOptions } from './enigma-session.js'

const content: AppContentSeed = {
  script: 'SET ThousandSep=",";\nLOAD * FROM [lib://Data/sales.qvd] (qvd);\nSTORE Sales INTO out.qvd;\n',
  tables: [
    {
      name: 'Sales',
      fields: ['Region', 'Amount'],
      rows: [
        ['EMEA', 10],
        ['APAC', 20],
        ['EMEA', 5],
      ],
    },
  ],
  sheets: [
    {
      id: 'sheet1',
      title: 'Overview',
      objects: [
        { id: 'bar1', type: 'barchart', title: 'By region' },
        { type: 'kpi', title: 'Total' },
      ],
    },
    { title: 'Detail' },
  ],
  stories: [{ title: 'Year' }],
  masterObjects: [{ title: 'Bar', properties: { color: 'red' } }],
  dimensions: [{ id: 'dim1', title: 'Region', fields: ['Region'] }],
  measures: [{ id: 'mea1', title: 'Amount', expression: 'Sum(Amount)' }],
  variables: [{ id: 'var1', name: 'vMax', definition: '=Max(Amount)' }],
  bookmarks: [{ id: 'mark1', title: 'Mine' }],
  connections: [{ name: 'Data', type: 'folder', connectionString: 'D:\\Data' }],
  lineage: [{ discriminator: 'lib://Data/sales.qvd', statement: '' }],
  expressions: { 'Only(Region)': 'several' },
}

let site: SimulatedSense
const sessions: any[] = []
const clock = createVirtualClock({ settle: () => site.idle() })

beforeEach(async () => {
  site = await simulateSense({ clock, seed: { apps: [{ name: 'Sales', stream: 'Everyone', content }, { name: 'Empty' }] } })
})

afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()))
  await site.close()
})

async function open(options?: EnigmaOptions): Promise<any> {
  const session = enigmaSession(site, options)
  const connected = once(session, 'notification:OnConnected')
  sessions.push(session)
  const global = await session.open()
  const [{ qSessionState }] = await connected
  return { session, global, state: qSessionState as string }
}

async function health(): Promise<any> {
  const engine = { host: site.host, port: site.enginePort, certificates: site.certificates }
  return (await send(engine, { method: 'GET', path: '/engine/healthcheck' })).json()
}

async function openSales(options?: EnigmaOptions): Promise<any> {
  const connection = await open(options)
  const docs = await connection.global.getDocList()
  const { qDocId } = docs.find(({ qDocName }: { qDocName: string }) => qDocName === 'Sales')
  return { ...connection, id: qDocId, app: await connection.global.openDoc(qDocId) }
}

const listDefinition = {
  qInfo: { qType: 'SheetList' },
  qAppObjectListDef: { qType: 'sheet', qData: { title: '/qMetaDef/title', rank: '/rank' } },
}

describe.each([{ delta: true }, { delta: false }])('enigma.js with delta $delta', (options) => {
  it('says who is there, lists apps and opens one', async () => {
    const { global, app, id, state } = await openSales(options)
    expect(state).toBe('SESSION_CREATED')
    expect(await global.engineVersion()).toEqual({ qComponentVersion: '12.2528.0' })
    expect(await global.getAuthenticatedUser()).toBe('UserDirectory=INTERNAL; UserId=sa_engine')
    expect(await global.getDocList()).toMatchObject([
      { qDocName: 'Sales', qMeta: { published: true, stream: { name: 'Everyone' } } },
      { qDocName: 'Empty' },
    ])
    expect(app.id).toBe(id)
    expect(await app.getAppLayout()).toMatchObject({ qTitle: 'Sales', qFileName: id, qHasData: true, qIsOpenedWithoutData: false })
    expect((await global.getActiveDoc()).id).toBe(id)
    expect(await app.getScript()).toBe(content.script)
    expect(await app.evaluate('Sum(Amount)')).toBe('35')
    expect(await app.evaluate('Only(Region)')).toBe('several')
    expect(await app.evaluate('Nothing(x)')).toMatch(/^Error/)
  })

  it('lists what is in an app', async () => {
    const { app } = await openSales(options)
    const listOf = async (definition: object) => (await app.createSessionObject({ qInfo: { qType: 'list' }, ...definition })).getLayout()
    expect((await listOf(listDefinition)).qAppObjectList.qItems).toMatchObject([
      { qInfo: { qId: 'sheet1', qType: 'sheet' }, qMeta: { title: 'Overview' }, qData: { title: 'Overview', rank: 0 } },
      { qInfo: { qId: 'Detail' }, qData: { rank: 1 } },
    ])
    expect((await listOf({ qDimensionListDef: { qType: 'dimension' } })).qDimensionList.qItems).toMatchObject([{ qInfo: { qId: 'dim1' } }])
    expect((await listOf({ qMeasureListDef: { qType: 'measure' } })).qMeasureList.qItems).toHaveLength(1)
    expect((await listOf({ qBookmarkListDef: { qType: 'bookmark' } })).qBookmarkList.qItems).toHaveLength(1)
    expect((await listOf({ qBookmarkListDef: { qType: 'snapshot' } })).qBookmarkList.qItems).toEqual([])
    expect((await listOf({ qVariableListDef: { qType: 'variable' } })).qVariableList.qItems).toMatchObject([{ qName: 'vMax' }])
    expect((await listOf({ qFieldListDef: {} })).qFieldList.qItems).toMatchObject([{ qName: 'Region', qCardinal: 2 }, { qName: 'Amount' }])
    expect(await app.getAllInfos()).toContainEqual({ qId: 'bar1', qType: 'barchart' })
    expect(await app.getConnections()).toMatchObject([{ qName: 'Data', qType: 'folder' }])
    expect(await app.getLineage()).toEqual([{ qDiscriminator: 'lib://Data/sales.qvd', qStatement: '' }])
  })

  it('reads objects, their trees and hypercubes', async () => {
    const { app } = await openSales(options)
    const sheet = await app.getObject('sheet1')
    expect(await sheet.getLayout()).toMatchObject({
      qInfo: { qId: 'sheet1' },
      qMeta: { title: 'Overview' },
      qChildList: { qItems: [{}, {}] },
    })
    expect((await sheet.getFullPropertyTree()).qChildren).toMatchObject([{ qProperty: { qInfo: { qId: 'bar1' } } }, { qChildren: [] }])
    expect((await (await app.getDimension('dim1')).getProperties()).qDim.qFieldDefs).toEqual(['Region'])
    expect(await (await app.getMeasure('mea1')).getMeasure()).toMatchObject({ qDef: 'Sum(Amount)' })
    expect((await (await app.getVariableById('var1')).getLayout()).qText).toBe('=Max(Amount)')
    const cube = await app.createSessionObject({
      qInfo: { qType: 'cube' },
      qHyperCubeDef: {
        qDimensions: [{ qDef: { qFieldDefs: ['[Region]'] } }],
        qMeasures: [{ qDef: { qDef: '=Sum(Amount)' } }],
        qInitialDataFetch: [{ qLeft: 0, qTop: 0, qWidth: 2, qHeight: 1 }],
      },
    })
    const layout = await cube.getLayout()
    expect(layout.qHyperCube).toMatchObject({ qSize: { qcx: 2, qcy: 2 }, qDataPages: [{ qMatrix: [[{ qText: 'EMEA' }, { qNum: 15 }]] }] })
    const pages = await cube.getHyperCubeData('/qHyperCubeDef', [{ qLeft: 0, qTop: 1, qWidth: 2, qHeight: 10 }])
    expect(pages).toMatchObject([{ qMatrix: [[{ qText: 'APAC' }, { qNum: 20 }]], qArea: { qTop: 1, qHeight: 1 } }])
    await expect(cube.getHyperCubeData('/qHyperCubeDef', [{ qLeft: 0, qTop: 0, qWidth: 2, qHeight: 9_999 }])).rejects.toMatchObject({
      code: 6_001,
    })
  })

  it('sees changes: in its own replies, and those of others', async () => {
    const mine = await openSales({ ...options, path: '/app/a/identity/mine' })
    const other = await openSales({ ...options, path: '/app/a/identity/other' })
    expect(other.state).toBe('SESSION_CREATED')
    const list = await mine.app.createSessionObject(listDefinition)
    expect((await list.getLayout()).qAppObjectList.qItems).toHaveLength(2)
    expect(await list.getLayout()).toEqual(await list.getLayout())
    const changed = once(list, 'changed')
    const created = await other.app.createObject({ qInfo: { qType: 'sheet', qId: 'new' }, qMetaDef: { title: 'New' }, rank: 2 })
    await changed
    expect((await list.getLayout()).qAppObjectList.qItems).toHaveLength(3)
    const sheet = await mine.app.getObject('new')
    const again = once(sheet, 'changed')
    await created.setProperties({ qInfo: { qId: 'new', qType: 'sheet' }, qMetaDef: { title: 'Newer' }, extra: [1, 2] })
    await again
    expect(await sheet.getLayout()).toMatchObject({ qMeta: { title: 'Newer' }, extra: [1, 2] })
    expect(await sheet.getLayout()).not.toHaveProperty('rank')
    const gone = once(list, 'closed')
    expect(await mine.app.destroySessionObject(list.id)).toBe(true)
    expect(await mine.app.destroySessionObject(list.id)).toBe(false)
    await gone
    const closed = once(sheet, 'closed')
    expect(await other.app.destroyObject('new')).toBe(true)
    await closed
    await expect(sheet.getLayout()).rejects.toMatchObject({ code: -32_602 })
  })

  it('reloads with progress, and saves', async () => {
    const { app, global } = await openSales(options)
    const reloading = app.doReload()
    const { requestId } = reloading
    await clock.advance(150)
    expect(await global.getProgress(requestId)).toMatchObject({
      qStarted: true,
      qFinished: false,
      qMillisecs: 150,
      qPersistentProgressMessages: [{ qMessageParameters: ['SET ThousandSep=","'] }],
      qTransientProgressMessage: { qMessageParameters: [expect.stringContaining('LOAD')] },
    })
    expect(await global.getProgress(0)).toMatchObject({ qFinished: false, qPersistentProgressMessages: [] })
    await clock.advance(1_000)
    expect(await reloading).toBe(true)
    expect((await app.getAppLayout()).qLastReloadTime).not.toBe('')
    await app.doSave()
    expect((await global.getDocList())[0].qLastReloadTime).not.toBe('')
  })

  it('fails where the script says so, and is cancelled', async () => {
    const { app, global } = await openSales(options)
    await app.setScript("LOAD 1;\n//! fails Table 'x' not found\nLOAD 2;")
    const failing = app.doReloadEx()
    await clock.advance(1_000)
    expect(await failing).toMatchObject({ qSuccess: false })
    expect((await global.getProgress(failing.requestId)).qErrorData).toMatchObject([{ qErrorString: "Table 'x' not found", qLine: '2' }])
    const ignoring = app.doReload(2)
    await clock.advance(1_000)
    expect(await ignoring).toBe(true)
    expect((await global.getProgress(ignoring.requestId)).qErrorData).toHaveLength(1)
    await app.setScript('//! takes 10m\n')
    const long = app.doReload()
    await clock.advance(60_000)
    await global.cancelReload()
    expect(await long).toBe(false)
  })
})

describe('enigma.js', () => {
  it('is told of what is not there', async () => {
    const { app, global, id } = await openSales()
    await expect(app.getObject('nothing')).rejects.toMatchObject({ code: -2 })
    await expect(global.openDoc(id)).rejects.toMatchObject({ code: 1_002 })
    await expect(global.openDoc(id, '', '', '', true)).rejects.toMatchObject({ code: 1_009 })
    const fresh = await open({ path: '/app/x/identity/fresh' })
    await expect(fresh.global.openDoc('no-such-app')).rejects.toMatchObject({ code: 1_003, parameter: 'no-such-app' })
    await expect(fresh.global.getActiveDoc()).rejects.toMatchObject({ code: 1_017 })
    await expect(fresh.global.configureReload(true, true, true)).rejects.toMatchObject({ code: -32_601 })
    await expect(enigmaSession(site, { user: 'UserDirectory=LAB; UserId=eve' }).open()).rejects.toBeDefined()
  })

  it('opens an app without its data, and nothing tells of the fields', async () => {
    const { global } = await open()
    const [{ qDocId }] = await global.getDocList()
    const app = await global.openDoc(qDocId, '', '', '', true)
    expect(await app.getAppLayout()).toMatchObject({ qHasData: false, qIsOpenedWithoutData: true })
    const fields = await app.createSessionObject({ qInfo: { qType: 'f' }, qFieldListDef: {} })
    expect((await fields.getLayout()).qFieldList.qItems).toEqual([])
    expect((await app.getTablesAndKeys({ qcx: 0, qcy: 0 }, { qcx: 0, qcy: 0 }, 0, false, false)).qtr).toEqual([])
  })

  it('is attached to its session again, and has it as it was', async () => {
    const { session, app } = await openSales({ path: '/app/a/identity/same/ttl/60' })
    const list = await app.createSessionObject(listDefinition)
    const object = await app.getObject('sheet1')
    await session.suspend()
    const resumed = once(session, 'resumed')
    await session.resume(true)
    await resumed
    expect(await app.getScript()).toBe(content.script)
    expect((await object.getLayout()).qInfo.qId).toBe('sheet1')
    expect((await list.getLayout()).qAppObjectList.qItems).toHaveLength(2)
    await session.suspend()
    await until(async () => (await health()).session.active === 0)
    await clock.advance(61_000)
    await expect(session.resume(true)).rejects.toMatchObject({ code: -12 })
  })

  it('shares a session with who has the same identity, each with deltas of its own', async () => {
    const path = '/app/a/identity/shared'
    const first = await openSales({ path })
    const second = await open({ path })
    expect(second.state).toBe('SESSION_ATTACHED')
    const app = await second.global.getActiveDoc()
    expect(app.handle).toBe(first.app.handle)
    expect(await app.getAppLayout()).toEqual(await first.app.getAppLayout())
    const [mine, theirs] = [await first.app.getObject('sheet1'), await app.getObject('sheet1')]
    const changed = once(theirs, 'changed')
    await mine.setProperties({ qInfo: { qType: 'sheet' }, qMetaDef: { title: 'Ours' } })
    await changed
    expect((await theirs.getLayout()).qMeta.title).toBe('Ours')
  })

  it('aborts a request, whose reply then is code 15', async () => {
    const { app, global } = await openSales()
    const reloading = app.doReload()
    const waiting = app.getAppLayout()
    const outcomes = Promise.allSettled([reloading, waiting])
    await global.abortRequest(waiting.requestId)
    await global.abortRequest(reloading.requestId)
    expect(await outcomes).toMatchObject([{ reason: { code: 15 } }, { reason: { code: 15 } }])
    expect(await app.evaluate('1')).toBe('1')
  })
})
