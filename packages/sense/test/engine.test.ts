import type { AppReloadProgress, EngineApp } from '@butlerkit/sense'
import type { SimulateSenseOptions } from '@butlerkit/sense-simulator'
import { describe, expect, it } from 'vitest'
import { openSite } from './support/site.js'

const id = 'a2b8c7d6-1111-4222-8333-444455556666'
const empty = 'a2b8c7d6-1111-4222-8333-444455556667'

type Content = NonNullable<NonNullable<NonNullable<SimulateSenseOptions['seed']>['apps']>[number]['content']>

const content: Content = {
  script: 'LOAD * FROM [lib://Data/sales.qvd] (qvd);\nSTORE Sales INTO out.qvd;\n',
  tables: [
    {
      name: 'Sales',
      fields: ['Region', 'Amount'],
      rows: [
        ['EMEA', 10],
        ['APAC', 20],
        ['EMEA', 5],
        ['AMER', 1],
      ],
    },
  ],
  sheets: [
    { id: 'sheet2', title: 'Detail' },
    { id: 'sheet1', title: 'Overview', objects: [{ id: 'bar1', type: 'barchart', title: 'By region' }] },
  ],
  stories: [{ id: 'story1', title: 'Year' }],
  masterObjects: [{ id: 'master1', title: 'Bar', properties: { color: 'red' } }],
  dimensions: [{ id: 'dim1', title: 'Region', fields: ['Region'] }],
  measures: [{ id: 'mea1', title: 'Amount', expression: 'Sum(Amount)' }],
  variables: [{ id: 'var1', name: 'vMax', definition: '=Max(Amount)' }],
  bookmarks: [{ id: 'mark1', title: 'Mine' }],
  connections: [{ name: 'Data', type: 'folder', connectionString: 'D:\\Data' }],
  lineage: [{ discriminator: 'lib://Data/sales.qvd', statement: '' }],
  expressions: { 'Only(Region)': 'several' },
}

describe('engine.withApp', () => {
  it('evaluates expressions, and gives what the function gives', async () => {
    await using t = await openSite(withApp())
    const values = await t.sense.engine.withApp(id, async (app) => [await app.evaluate('Sum(Amount)'), await app.evaluate('Only(Region)')])
    expect(values).toEqual([36, 'several'])
  })

  it('closes the session, also when the function throws', async () => {
    await using t = await openSite(withApp())
    const mine = new Error('mine')
    await expect(t.sense.engine.withApp(id, () => Promise.reject(mine))).rejects.toBe(mine)
    await expect(t.sense.engine.withApp('a2b8c7d6-1111-4222-8333-444455556668', () => 1)).rejects.toMatchObject({
      code: 'ENGINE_NOT_FOUND',
      method: 'OpenDoc',
      engineCode: 1003,
    })
    // A user may have five sessions; ten in a row would be too many.
    for (let time = 0; time < 10; time++) await t.sense.engine.withApp(id, (app) => app.layout())
  })

  it('has a session of its own each time', async () => {
    await using t = await openSite(withApp())
    const script = await t.sense.engine.withApp(id, async (one) => {
      await one.setScript('changed')
      return one.script()
    })
    expect(script).toBe('changed')
    expect(t.site.requests.length).toBe(0)
  })

  it('refuses what is no app id before it connects', async () => {
    await using t = await openSite(withApp())
    await expect(t.sense.engine.withApp('../engineData', () => 1)).rejects.toMatchObject({ code: 'SENSE_ID' })
    await expect(t.sense.engine.withApp(id, () => 1, { identity: 'a/b' })).rejects.toMatchObject({ code: 'SENSE_OPTION' })
    await expect(t.sense.engine.withApp(id, () => 1, { ttlSeconds: -1 })).rejects.toMatchObject({ code: 'SENSE_OPTION' })
  })

  it('reads what an app says of itself', async () => {
    await using t = await openSite(withApp())
    await t.sense.engine.withApp(id, async (app) => {
      expect(await app.layout()).toMatchObject({ title: 'Sales', hasScript: true, isOpenedWithoutData: false })
      expect(await app.objects()).toEqual(
        expect.arrayContaining([
          { id: 'bar1', type: 'barchart' },
          { id: 'sheet1', type: 'sheet' },
        ]),
      )
      expect(await app.connections()).toMatchObject([{ name: 'Data', type: 'folder', connectionString: 'D:\\Data' }])
      expect(await app.call('GetTablesAndKeys', [{}, {}, 0, false, false])).toBeDefined()
      expect(await app.call('ProductVersion', [], { on: app.rawGlobal })).toMatch(/^\d/)
      expect((await app.raw['getAppLayout']()).qTitle).toBe('Sales')
    })
    expect(await t.sense.engine.withApp(id, (app) => app.layout(), { withoutData: true })).toMatchObject({ isOpenedWithoutData: true })
  })

  it('lists the apps', async () => {
    await using t = await openSite(withApp())
    expect(await t.sense.apps.list()).toMatchObject([
      { id, title: 'Sales' },
      { id: empty, title: 'Empty' },
    ])
  })

  it('is closed with the client, and says so to who waits', async () => {
    await using t = await openSite(withApp())
    const app = await t.sense.engine.open(id)
    const reload = app.reload().catch((thrown: unknown) => thrown)
    await t.sense.close()
    expect(await reload).toMatchObject({ code: 'ENGINE_CLOSED' })
    await expect(app.evaluate('1')).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    await expect(t.sense.engine.open(id)).rejects.toMatchObject({ code: 'SENSE_CLOSED' })
  })
})

describe('a hypercube', () => {
  it('gives its rows, page after page', async () => {
    await using t = await openSite(withApp())
    await using app = await t.sense.engine.open(id)
    const definition = { dimensions: ['Region'], measures: ['Sum(Amount)', 'Count(Amount)'] }
    const whole = await rowsOf(app, definition)
    expect(whole).toEqual([
      ['EMEA', 15, 2],
      ['APAC', 20, 1],
      ['AMER', 1, 1],
    ])
    expect(await rowsOf(app, definition, 3)).toEqual(whole)
    expect(await rowsOf(app, { measures: [{ libraryId: 'mea1' }] })).toEqual([[36]])
    expect(await rowsOf(app, { dimensions: [{ libraryId: 'dim1' }] })).toHaveLength(3)
    const objects = await app.objects()
    expect(objects.filter(({ type }) => type === 'butlerkit-hypercube')).toEqual([])
  })
})

describe('a reload in the engine', () => {
  it('tells its progress, and saves what succeeded', async () => {
    await using t = await openSite(withApp({ ...content, script: '//! takes 3s\nLOAD 1;\n' }))
    await using app = await t.sense.engine.open(id)
    const progress: AppReloadProgress[] = []
    const result = await t.settle(app.reload({ onProgress: (each) => progress.push(each) }))
    expect(result).toMatchObject({ success: true, saved: true, errors: [], endedWithMemoryConstraint: false })
    expect(progress.flatMap(({ messages }) => messages)).toEqual(['wait 3s', 'LOAD 1'])
    expect(progress.some(({ current }) => current === 'wait 3s')).toBe(true)
    expect(t.clock.pending).toBe(1)
  })

  it('that fails says why, and is not saved', async () => {
    await using t = await openSite(withApp({ ...content, script: 'LOAD 1;\n//! fails no such table\n' }))
    await using app = await t.sense.engine.open(id)
    expect(await t.settle(app.reload())).toMatchObject({ success: false, saved: false, errors: [{ message: 'no such table', line: '2' }] })
  })

  it('is cancelled by its signal, and not saved', async () => {
    await using t = await openSite(withApp({ ...content, script: '//! takes 60s\nLOAD 1;\n' }))
    await using app = await t.sense.engine.open(id)
    const caller = new AbortController()
    const reload = app.reload({ signal: caller.signal }).catch((thrown: unknown) => thrown)
    await t.clock.advance(2_000)
    caller.abort('mine')
    expect(await t.settle(reload)).toBe('mine')
    // The session is of use again.
    expect(await app.evaluate('Sum(Amount)')).toBe(36)
  })
})

describe('a dump', () => {
  it('has all of an app but its data, under Butler’s names, the same every time', async () => {
    await using t = await openSite(withApp())
    const dump = await t.sense.apps.dump(id)
    expect(Object.keys(dump)).toEqual([
      'appId',
      'properties',
      'loadScript',
      'sheets',
      'stories',
      'masterobjects',
      'appprops',
      'dimensions',
      'measures',
      'bookmarks',
      'embeddedmedia',
      'snapshots',
      'fields',
      'dataconnections',
      'variables',
      'lineage',
    ])
    expect(dump).toMatchObject({
      appId: id,
      loadScript: content.script,
      sheets: [
        { qProperty: { qInfo: { qId: 'sheet1' } }, qChildren: [{ qProperty: { qInfo: { qId: 'bar1' } } }] },
        { qProperty: { qInfo: { qId: 'sheet2' } } },
      ],
      masterobjects: [{ qProperty: { color: 'red' } }],
      dimensions: [{ qDim: { qFieldDefs: ['Region'] } }],
      measures: [{ qMeasure: { qDef: 'Sum(Amount)' } }],
      variables: [{ qName: 'vMax' }],
      lineage: [{ qDiscriminator: 'lib://Data/sales.qvd' }],
    })
    expect(JSON.stringify(await t.sense.apps.dump(id, { concurrency: 1 }))).toBe(JSON.stringify(dump))
    expect(JSON.stringify(dump)).toContain('"qInfo":{"qId":"sheet1","qType":"sheet"}')
    expect(await t.sense.apps.dump(empty)).toMatchObject({ sheets: [], variables: [] })
  })
})

function withApp(of: Content = content): SimulateSenseOptions {
  return {
    seed: {
      apps: [
        { id, name: 'Sales', content: of },
        { id: empty, name: 'Empty' },
      ],
    },
  }
}

async function rowsOf(app: EngineApp, definition: Parameters<EngineApp['hypercube']>[0], pageCells?: number): Promise<unknown[]> {
  const rows: unknown[] = []
  for await (const row of app.hypercube(definition, { pageCells })) rows.push(row)
  return rows
}
