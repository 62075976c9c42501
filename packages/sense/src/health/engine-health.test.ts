import { describe, expect, it } from 'vitest'
import { engineHealthWire, parseCompactDate, toEngineHealth } from './engine-health.js'

const oldest = {
  version: '12.1.0',
  started: '20160314T103522.000+0100',
  mem: { comitted: 170.5, allocated: 300, free: 4_000 },
  cpu: { total: 3 },
  session: { active: 1, total: 2 },
  apps: { active_docs: [], loaded_docs: ['a'], calls: 5, selections: 1 },
  users: { active: 1, total: 1 },
  cache: { hits: 1, lookups: 2, added: 3, replaced: 4, bytes_added: 5 },
}

describe('a health check', () => {
  it('of an old engine is read, its spelling and what it leaves out included', () => {
    expect(toEngineHealth(engineHealthWire.parse(oldest))).toEqual({
      version: '12.1.0',
      startedAt: new Date('2016-03-14T09:35:22.000Z'),
      memory: { committed: 170.5, allocated: 300, free: 4_000, totalPhysical: undefined },
      cpu: 3,
      sessions: { active: 1, total: 2 },
      users: { active: 1, total: 1 },
      apps: { active: [], loaded: ['a'], inMemory: undefined, calls: 5, selections: 1 },
      cache: { hits: 1, lookups: 2, added: 3, replaced: 4, bytesAdded: 5 },
      saturated: undefined,
    })
  })
})

describe('a compact date', () => {
  it.each([
    ['20160314T103522.000+0100', '2016-03-14T09:35:22.000Z'],
    ['20160314T103522.123-0530', '2016-03-14T16:05:22.123Z'],
    ['20160314T103522Z', '2016-03-14T10:35:22.000Z'],
    ['2016-03-14T10:35:22.000Z', '2016-03-14T10:35:22.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseCompactDate(text)).toEqual(new Date(iso))
  })

  it.each([undefined, null, '', 'yesterday', '20161314T103522.000+0100'])('%s is none', (text) => {
    expect(parseCompactDate(text)).toBeUndefined()
  })
})
