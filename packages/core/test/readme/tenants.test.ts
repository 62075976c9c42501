import { testButler } from '@butlerkit/core/testing'
import { expect, it } from 'vitest'
import { note } from './contracts.js'
import { tasks } from './tasks.js'
import { serveTenant } from './tenants.js'

it('serves a tenant until it is gone', async () => {
  await using t = await testButler({ services: { scheduler: { start: async () => undefined } }, mount: [tasks] })
  let leave = () => {}
  const served = serveTenant(t.butler, 'a', new Promise((resolve) => (leave = resolve)))
  await t.settled()
  expect(t.butler.health().routes).toBe(4)
  await t.butler.publishRaw({ topic: 'tenant/a/qliksense/lab/note', payload: note.codec.encode('hello'), qos: 1, retain: false })
  await t.settled()
  expect(t.published(note).map(({ topic }) => topic)).toEqual(['qliksense/lab/note/inbox'])
  leave()
  await served
  expect(t.butler.health().routes).toBe(2)
})
