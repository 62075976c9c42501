import { SchemaError } from '@butlerkit/core'
import { describe, expect, it } from 'vitest'
import { parseSite } from './site-schema.js'

const apps = [{ name: 'Sales' }]
const region = { name: 'Region', choiceValues: ['EMEA'] }
const id = 'a0a0a0a0-0000-4000-8000-000000000001'

describe('parseSite', () => {
  it('takes data that holds together', () => {
    const site = {
      users: [{ directory: 'LAB', id: 'ann' }],
      streams: [{ name: 'Finance' }],
      customProperties: [region],
      apps: [
        { ...apps[0], id, stream: 'Finance' },
        { name: 'Other', stream: 'Everyone' },
      ],
      reloadTasks: [
        {
          name: 'Reload',
          app: 'Sales',
          customProperties: { Region: ['EMEA'] },
          runs: [['queued', '1s', 'started', '0.5m', '250ms', 'failed']],
        },
        { name: 'Reload', app: id.toUpperCase(), runs: [['started']] },
      ],
    }
    expect(parseSite(site)).toEqual(site)
  })

  it.each([
    [{ tasks: [] }, 'Unrecognized key: "tasks"'],
    [{ apps: [{ name: 'A', streem: 'Everyone' }] }, 'apps.0: Unrecognized key: "streem"'],
    [{ apps: [{}] }, 'apps.0.name: '],
    [{ apps: [{ name: 'A', id: '17' }] }, 'apps.0.id: not a GUID'],
    [{ apps: [{ name: 'A', stream: 'Nowhere' }] }, "apps.0.stream: no stream 'Nowhere'"],
    [{ reloadTasks: [{ name: 'R', app: 'Sale' }], apps }, "reloadTasks.0.app: no app 'Sale'"],
    [{ reloadTasks: [{ name: 'R', app: 'Sales' }], apps: [...apps, ...apps] }, "reloadTasks.0.app: 2 of this name; give the app's id"],
    [{ apps: [{ name: 'A', id }], streams: [{ name: 'S', id: id.toUpperCase() }] }, 'apps.0.id: taken already'],
    [{ reloadTasks: [{ name: 'R', app: 'Sales', runs: [['started', '2 s']] }], apps }, 'reloadTasks.0.runs.0.1: not a step: use queued, '],
    [{ reloadTasks: [{ name: 'R', app: 'Sales', runs: [['-2s']] }], apps }, 'reloadTasks.0.runs.0.0: not a step'],
    [
      { reloadTasks: [{ name: 'R', app: 'Sales', runs: [['failed', '1s']] }], apps },
      'reloadTasks.0.runs.0: nothing can follow the end of a run',
    ],
    [{ reloadTasks: [{ name: 'R', app: 'Sales', runs: [] }], apps }, 'reloadTasks.0.runs: '],
    [{ reloadTasks: [{ name: 'R', app: 'Sales', maxRetries: 21 }], apps }, 'reloadTasks.0.maxRetries: '],
    [
      { externalProgramTasks: [{ name: 'P', path: 'p', triggers: [{ startDate: '2026-01-01T00:00:00Z', timeZone: 'Mars' }] }] },
      'externalProgramTasks.0.triggers.0.timeZone: not a time zone',
    ],
    [{ userSyncTasks: [{ name: 'S', userDirectory: 'LAB', triggers: [{ after: [{ task: 'R' }] }] }] }, "no task 'R'"],
    [{ apps: [{ name: 'A', customProperties: { Size: ['L'] } }] }, 'apps.0.customProperties.Size: no such custom property'],
    [
      { apps: [{ name: 'A', customProperties: { Region: ['US'] } }], customProperties: [region] },
      "apps.0.customProperties.Region: 'US' is not among its values",
    ],
    [
      { apps: [{ name: 'A', customProperties: { Region: ['EMEA'] } }], customProperties: [{ ...region, objectTypes: ['ReloadTask'] }] },
      'apps.0.customProperties.Region: not for the type App',
    ],
    [{ apps: [{ name: 'A', content: { sheet: [] } }] }, 'apps.0.content: Unrecognized key: "sheet"'],
    [
      { apps: [{ name: 'A', content: { tables: [{ name: 'T', fields: ['a'], rows: [[1, 2]] }] } }] },
      'each row needs a value for each field',
    ],
    [
      { apps: [{ name: 'A', content: { sheets: [{ title: 'S', id: 'x' }], measures: [{ title: 'M', id: 'x', expression: '1' }] } }] },
      'two objects have one id',
    ],
    [
      { reloadTasks: [{ name: 'R', app: 'Sales', triggers: [{ after: [{ task: 'None' }] }] }], apps },
      "reloadTasks.0.triggers.0.after.0.task: no task 'None'",
    ],
    [{ reloadTasks: [{ name: 'R', app: 'Sales', triggers: [{ startDate: 'soon' }] }], apps }, 'reloadTasks.0.triggers.0'],
    [{ externalProgramTasks: [{ name: 'P' }] }, 'externalProgramTasks.0.path'],
    [{ virtualProxies: [{ jwtKey: '-----BEGIN PUBLIC KEY-----' }] }, 'virtualProxies.0.jwtKey: not a public key'],
    [{ virtualProxies: [{ prefix: 'a/b' }] }, 'virtualProxies.0.prefix: not a prefix'],
    [null, 'site does not fit: '],
  ])('refuses %j', (site, message) => {
    expect(() => parseSite(site)).toThrow(SchemaError)
    expect(() => parseSite(site)).toThrow(message)
  })

  it('tells everything that is wrong at once', () => {
    const site = { apps: [{ name: 'A', stream: 'X' }], reloadTasks: [{ name: 'R', app: 'B' }] }
    expect(() => parseSite(site)).toThrow("site does not fit: apps.0.stream: no stream 'X'; reloadTasks.0.app: no app 'B'")
  })
})
