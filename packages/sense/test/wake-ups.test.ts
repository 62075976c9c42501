import { json as readJson } from 'node:stream/consumers'
import type { ChangeSubscription, Run } from '@butlerkit/sense'
import { describe, expect, it } from 'vitest'
import { startServer } from './support/http-server.js'
import { leaveNothingOpen } from './support/nothing-left.js'
import { openSite } from './support/site.js'

leaveNothingOpen()

/** What a look takes on its way: a batch of notifications is held for a tenth of a second, a burst of them for a quarter. */
const promptMs = 100 + 250
const looks = { method: 'GET', path: /\/executionsession\// } as const

describe('a run that is followed', () => {
  it('is looked at at once when QRS tells of it, and hardly more often than without', async () => {
    await using t = await openLab()
    expect(await t.lateMs(await t.start())).toBeGreaterThan(promptMs)
    const before = t.site.requests.matching(looks).length
    await using _ = await t.subscribe()
    expect(await t.lateMs(await t.start())).toBeLessThanOrEqual(promptMs)
    expect(t.site.requests.matching(looks).length - before).toBeLessThanOrEqual(before + 3)
  })

  it('takes a batch that comes twice for one, and does without one that does not come', async () => {
    await using t = await openLab()
    await using _ = await t.subscribe()
    t.site.faults.add({ kind: 'duplicate', notification: 'ExecutionResult', times: 100 })
    expect(await t.lateMs(await t.start())).toBeLessThanOrEqual(promptMs)
    t.site.faults.clear()
    t.site.faults.add({ kind: 'drop', notification: '*', times: 100 })
    expect(await t.lateMs(await t.start())).toBeGreaterThan(promptMs)
  })

  it('is told of again once the subscription is renewed after a restart', async () => {
    await using t = await openLab()
    await using _ = await t.subscribe()
    t.site.restart()
    expect(await t.lateMs(await t.start())).toBeGreaterThan(promptMs)
    await t.clock.advance(60_000)
    expect(await t.lateMs(await t.start())).toBeLessThanOrEqual(promptMs)
  })

  it('is told of again after a restart that took minutes', async () => {
    await using t = await openLab()
    await using _ = await t.subscribe()
    t.site.restart(150_000)
    await t.clock.advance(240_000)
    expect(await t.lateMs(await t.start())).toBeLessThanOrEqual(promptMs)
  })
})

describe('a subscription', () => {
  it('is one at the site at any time, and none once closed', async () => {
    await using t = await openLab()
    const subscription = await t.subscribe()
    await t.clock.advance(200_000)
    const posts = t.posts.length
    t.site.startTask('Reload')
    await t.clock.advance(1_000)
    expect(t.posts.length - posts).toBe(1)
    await subscription.close()
    await t.clock.advance(200_000)
    expect(t.posts.length - posts).toBe(1)
  })
})

/** A site whose notifications come in, with a task that takes less than a subscription lasts. */
async function openLab() {
  const runs = [['started', '50s', 'success']] as const
  const t = await openSite({ seed: { apps: [{ name: 'Sales' }], reloadTasks: [{ name: 'Reload', app: 'Sales', runs }] } })
  let subscription: ChangeSubscription | undefined
  const callbacks = await startServer((response, _, request) => {
    void readJson(request).then((body) => {
      response.end()
      subscription?.receive(body)
    })
  })
  return {
    ...t,
    posts: callbacks.requests,
    async subscribe() {
      return (subscription = await t.sense.qrs.subscribe({ callbackUrl: `${callbacks.origin}/secret` }))
    },
    start: () => t.sense.tasks.start({ name: 'Reload' }),
    /** How long after its end a run is seen to have ended. */
    async lateMs(run: Run): Promise<number> {
      const late: number[] = []
      const finished = run.finished().then(({ stoppedAt }) => late.push(t.clock.now() - (stoppedAt?.getTime() ?? Number.NaN)))
      while (late.length === 0) await t.clock.advance(50)
      await finished
      return late[0] ?? Number.NaN
    },
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]()
      await callbacks[Symbol.asyncDispose]()
    },
  }
}
