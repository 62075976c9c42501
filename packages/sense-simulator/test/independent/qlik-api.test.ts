import type { HostConfig } from '@qlik/api/auth'
import { createVirtualClock, type VirtualClock } from '@butlerkit/core/testing'
import { simulateCloud, type SimulatedCloud } from '@butlerkit/sense-simulator'
import { getItems } from '@qlik/api/items'
import { cancelReload, getReload, getReloads, queueReload } from '@qlik/api/reloads'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let cloud: SimulatedCloud
let clock: VirtualClock
let trusting: Agent
const before = getGlobalDispatcher()

beforeEach(async () => {
  clock = createVirtualClock({ settle: () => cloud.idle() })
  const apps = Array.from({ length: 25 }, (_, index) => ({ name: `App ${index}`, spaceId: 'space1' }))
  cloud = await simulateCloud({ clock, seed: { apps: [{ name: 'Sales', reloads: [['1s', 'started', '2s', 'failed']] }, ...apps] } })
  // @qlik/api has no option for an authority, and goes by Node's own fetch.
  trusting = new Agent({ connect: { ca: cloud.ca } })
  setGlobalDispatcher(trusting)
})

afterEach(async () => {
  setGlobalDispatcher(before)
  await trusting.close()
  await cloud.close()
})

describe.each<[string, () => HostConfig]>([
  ['an API key', () => ({ host: cloud.tenant, authType: 'apikey', apiKey: cloud.apiKey })],
  ['an OAuth client', () => ({ host: cloud.tenant, authType: 'oauth2', ...cloud.oauthClient })],
])('@qlik/api with %s', (_, hostConfig) => {
  it('lists apps, page by page', async () => {
    const options = { hostConfig: hostConfig() }
    const first = await getItems({ resourceType: 'app', limit: 20 }, options)
    const second = await first.next?.(options)
    expect([first, second].map((page) => page?.data.data.length)).toEqual([20, 6])
    expect(second?.next).toBeUndefined()
    const found = await getItems({ resourceType: 'app', resourceId: cloud.appId('Sales') }, options)
    expect(found.data.data).toMatchObject([{ name: 'Sales', resourceId: cloud.appId('Sales') }])
  })

  it('reloads an app and follows it', async () => {
    const options = { hostConfig: hostConfig(), noCache: true }
    const { data, status } = await queueReload({ appId: cloud.appId('Sales'), partial: true }, options)
    expect({ status, data }).toMatchObject({ status: 201, data: { status: 'QUEUED', type: 'external', partial: true } })
    await clock.advance(1_000)
    expect((await getReload(data.id, options)).data).toMatchObject({ status: 'RELOADING', log: expect.stringContaining(data.id) })
    await clock.advance(2_000)
    expect((await getReload(data.id, options)).data).toMatchObject({ status: 'FAILED', errorMessage: 'The load script failed' })
    const { data: history } = await getReloads({ appId: cloud.appId('Sales'), filter: 'status eq "FAILED"' }, options)
    expect(history.data.map(({ id }) => id)).toEqual([data.id])
  })

  it('cancels a reload, once', async () => {
    const options = { hostConfig: hostConfig(), noCache: true }
    const { data } = await queueReload({ appId: cloud.appId('Sales') }, options)
    await clock.advance(1_000)
    expect(await cancelReload(data.id, options)).toMatchObject({ status: 202, data: { status: 'CANCELING' } })
    await clock.advance(1_000)
    expect((await getReload(data.id, options)).data.status).toBe('CANCELED')
    await expect(cancelReload(data.id, options)).rejects.toMatchObject({ status: 409 })
  })
})

it('tells @qlik/api who is not let in', async () => {
  const hostConfig: HostConfig = { host: cloud.tenant, authType: 'apikey', apiKey: 'another' }
  await expect(getItems({}, { hostConfig })).rejects.toMatchObject({ status: 401, data: { errors: [{ code: 'HTTP-401' }] } })
})
