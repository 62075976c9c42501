import { expect, it } from 'vitest'
import { parseAppPath } from './app-path.js'

it.each([
  ['/app/engineData', { id: 'engineData' }],
  ['/app', { id: 'engineData' }],
  ['/app/', { id: 'engineData' }],
  ['/APP/a0/identity/x', { id: 'a0', identity: 'x' }],
  ['/app/a0/ttl/0', { id: 'a0', ttlSeconds: 0 }],
  ['/app/a0/identity/x/ttl/60/', { id: 'a0', identity: 'x', ttlSeconds: 60 }],
  ['/app/a0/ttl/60/identity/x', undefined],
  ['/app/a0/ttl/soon', undefined],
  ['/apps/a0', undefined],
  ['/', undefined],
])('reads %s', (path, expected) => {
  expect(parseAppPath(path)).toEqual(expected)
})
