import type { WireApp } from '@butlerkit/sense'

/** So many apps as `GET /qrs/app/full` gives them, 0.89 kB each. */
export function apps(count: number): WireApp[] {
  return Array.from({ length: count }, (_, index) => app(index))
}

function app(index: number): WireApp {
  const id = (kind: string) => `${kind}0000000-0000-4000-8000-${String(index).padStart(12, '0')}`
  const at = new Date(Date.UTC(2026, 0, 1) + index * 3_600_000).toISOString()
  const none = { privileges: null }
  return {
    id: id('a'),
    createdDate: at,
    modifiedDate: at,
    modifiedByUserName: 'LAB\\ann',
    customProperties: [],
    owner: {
      id: id('b'),
      userId: 'ann',
      userDirectory: 'LAB',
      userDirectoryConnectorName: '',
      name: index % 10 === 0 ? 'Ann Müller' : 'Ann',
      ...none,
    },
    name: `Sales ${index}`,
    appId: '',
    sourceAppId: id('c'),
    targetAppId: id('d'),
    publishTime: index % 2 === 0 ? at : '1753-01-01T00:00:00.000Z',
    published: index % 2 === 0,
    tags: [{ id: id('e'), name: 'nightly', ...none }],
    description: '',
    stream: index % 4 === 0 ? { id: id('f'), name: 'Everyone', ...none } : null,
    fileSize: 139_762 + index,
    lastReloadTime: at,
    thumbnail: '',
    savedInProductVersion: '12.1657.0',
    migrationHash: '21ec',
    dynamicColor: '',
    availabilityStatus: 1,
    schemaPath: 'App',
    ...none,
  }
}
