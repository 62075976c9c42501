import type { Run } from '@butlerkit/sense'
import type { ReloadTaskSeed, SimulateSenseOptions } from '@butlerkit/sense-simulator'
import { describe, expect, it } from 'vitest'
import { openSite, type TestSite } from './support/site.js'

const starts = { method: 'POST', path: /\/start/ } as const
const stops = { method: 'POST', path: /\/stop/ } as const

const region = { name: 'Region', value: 'EMEA' }

describe('startMany', () => {
  it('starts each task once, however often it is meant', async () => {
    await using t = await openSite(groups())
    const started = await t.sense.tasks.startMany([{ tag: 'nightly' }, { name: 'one' }, { customProperty: region }, { tag: 'no such' }])
    expect(started.map(({ task }) => task.name)).toEqual(['one', 'two', 'in EMEA'])
    expect(started.every(({ run, task }) => run?.task.id === task.id)).toBe(true)
    expect(t.site.requests.matching(starts)).toHaveLength(3)
  })

  it('starts nothing unless all may be started', async () => {
    await using t = await openSite(groups(), { allowTasks: { tags: ['nightly'] } })
    const error = await t.sense.tasks.startMany([{ tag: 'nightly' }, { customProperty: region }]).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'TASK_DENIED', taskIds: [idOf(t, 'in EMEA')] })
    expect(t.site.requests.matching(starts)).toHaveLength(0)
  })

  it('goes on past one that cannot be started', async () => {
    await using t = await openSite(groups({ two: { enabled: false } }))
    const [one, two] = await t.sense.tasks.startMany([{ tag: 'nightly' }])
    expect(one).toMatchObject({ task: { name: 'one' }, run: { executionId: expect.any(String) } })
    expect(two).toMatchObject({ task: { name: 'two' }, error: { code: 'TASK_NOT_STARTED' } })
  })

  it('begins nothing more once its signal is aborted', async () => {
    await using t = await openSite(groups())
    await expect(t.sense.tasks.startMany([{ tag: 'nightly' }], { signal: AbortSignal.abort('mine') })).rejects.toBe('mine')
    await expect(t.sense.tasks.startMany([{ tag: 'nightly' }], { concurrency: 0 })).rejects.toMatchObject({ code: 'SENSE_OPTION' })
    expect(t.site.requests.matching(starts)).toHaveLength(0)
  })
})

describe('runMany', () => {
  it('has so many running at once, and gives results in order', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    await using t = await openSite(
      tasks(names.map((name, index) => ({ name, runs: [['started', `${index + 2}s`, index === 1 ? 'failed' : 'success']] }))),
    )
    const running = t.sense.tasks.runMany(
      names.map((name) => ({ name })),
      { concurrency: 2 },
    )
    let most = 0
    void running.finally(() => (most = -1))
    while (most >= 0) {
      await t.clock.advance(500)
      const now = (await t.sense.qrs.get('/qrs/executionsession/count')) as { value: number }
      most = most < 0 ? most : Math.max(most, now.value)
      expect(now.value).toBeLessThanOrEqual(2)
    }
    expect((await running).map(({ task, result }) => [task.name, result?.status])).toEqual([
      ['a', 'success'],
      ['b', 'failed'],
      ['c', 'success'],
      ['d', 'success'],
      ['e', 'success'],
    ])
  })
})

describe('runChain', () => {
  it('runs the next once the one before has succeeded, and stops at one that has not', async () => {
    await using t = await openSite(
      tasks([
        { name: 'first', runs: [['started', '2s', 'success']] },
        { name: 'second', runs: [['started', '2s', 'failed']] },
        { name: 'third', runs: [['started', '2s', 'success']] },
      ]),
    )
    const results = await t.settle(t.sense.tasks.runChain([{ name: 'first' }, { name: 'first' }, { name: 'second' }, { name: 'third' }]))
    expect(results.map(({ task, status }) => [task.name, status])).toEqual([
      ['first', 'success'],
      ['first', 'success'],
      ['second', 'failed'],
    ])
  })

  it('starts nothing unless all may be started', async () => {
    await using t = await openSite(tasks([{ name: 'first', tags: ['ok'] }, { name: 'second' }]), { allowTasks: { tags: ['ok'] } })
    await expect(t.sense.tasks.runChain([{ name: 'first' }, { name: 'second' }])).rejects.toMatchObject({ code: 'TASK_DENIED' })
    expect(t.site.requests.matching(starts)).toHaveLength(0)
  })
})

describe('a task that runs already', () => {
  it('is queued behind, and then started', async () => {
    await using t = await openSite(tasks([{ name: 'Reload', runs: [['started', '20s', 'success']] }]))
    const first = await t.sense.tasks.start({ name: 'Reload' })
    const second = await t.settle(t.sense.tasks.start({ name: 'Reload' }, { ifRunning: 'queue' }))
    expect(second.executionId).not.toBe(first.executionId)
    expect(await t.settle(second.finished())).toMatchObject({ status: 'success' })
  })

  it('that is disabled is not waited for', async () => {
    await using t = await openSite(tasks([{ name: 'Reload', enabled: false }]))
    for (const ifRunning of ['queue', 'join'] as const) {
      await expect(t.settle(t.sense.tasks.start({ name: 'Reload' }, { ifRunning }))).rejects.toMatchObject({ code: 'TASK_NOT_STARTED' })
    }
  })

  it('is given up on by a signal while queued, and by close', async () => {
    await using t = await openSite(tasks([{ name: 'Reload', runs: [['started']] }]))
    await t.sense.tasks.start({ name: 'Reload' })
    const caller = new AbortController()
    const mine = t.sense.tasks.start({ name: 'Reload' }, { ifRunning: 'queue', signal: caller.signal })
    const other = t.sense.tasks.start({ name: 'Reload' }, { ifRunning: 'queue' })
    const settled = Promise.allSettled([mine, other])
    await t.clock.advance(10_000)
    caller.abort('mine')
    await t.clock.advance(1_000)
    await t.sense.close()
    expect(await settled).toMatchObject([{ reason: 'mine' }, { reason: { code: 'SENSE_CLOSED' } }])
    expect(t.site.requests.matching(starts)).toHaveLength(3)
  })
})

describe('follow', () => {
  it('takes up a run that somebody else started, by the task or by its own id', async () => {
    await using t = await openSite(tasks([{ name: 'Reload', runs: [['started', '9s', 'success']] }]), { allowTasks: {} })
    expect(await t.sense.tasks.follow({ name: 'Reload' })).toBeUndefined()
    const started = t.site.startTask('Reload')
    const run = await t.sense.tasks.follow({ name: 'Reload' })
    expect(run).toBeDefined()
    expect(await t.settle((run as Run).finished())).toMatchObject({ status: 'success' })
    const again = await t.sense.tasks.follow({ name: 'Reload' }, { executionId: (run as Run).executionId.toUpperCase() })
    expect(await t.settle((again as Run).finished())).toMatchObject({ status: 'success', executionId: run?.executionId })
    await expect(t.sense.tasks.follow({ name: 'Reload' }, { executionId: 'x' })).rejects.toMatchObject({ code: 'TASK_ID_INVALID' })
    expect(started).not.toBe(null)
  })
})

describe('abort', () => {
  it('stops the run, and the result says so', async () => {
    await using t = await openSite(tasks([{ name: 'Reload', runs: [['started']] }]))
    const run = await t.sense.tasks.start({ name: 'Reload' })
    await t.clock.advance(2_000)
    expect(run.result).toBeUndefined()
    await run.abort()
    const result = await t.settle(run.finished())
    expect(result).toMatchObject({ status: 'aborted' })
    expect(run.result).toBe(result)
    await run.abort()
    expect(t.site.requests.matching(stops)).toHaveLength(1)
  })

  it('stops no later run of the same task', async () => {
    await using t = await openSite(tasks([{ name: 'Reload', runs: [['started', '2s', 'success'], ['started']] }]))
    const run = await t.sense.tasks.start({ name: 'Reload' })
    await t.clock.advance(5_000)
    await t.sense.tasks.start({ name: 'Reload' })
    await run.abort()
    expect(t.site.requests.matching(stops)).toHaveLength(0)
  })

  it('is denied for a task that may not be started', async () => {
    await using t = await openSite(tasks([{ name: 'Reload', runs: [['started']] }]), { allowTasks: {} })
    t.site.startTask('Reload')
    const run = await t.sense.tasks.follow({ name: 'Reload' })
    await expect(run?.abort()).rejects.toMatchObject({ code: 'TASK_DENIED' })
    expect(t.site.requests.matching(stops)).toHaveLength(0)
  })
})

describe('a wait with a time limit', () => {
  it('leaves the run alone, and says that it goes on', async () => {
    await using t = await openSite(tasks([{ name: 'Reload', runs: [['started', '60s', 'success']] }]))
    const run = await t.sense.tasks.start({ name: 'Reload' })
    await expect(t.settle(run.finished({ timeoutMs: 10_000 }))).rejects.toMatchObject({
      code: 'TASK_TIMEOUT',
      stopped: false,
      message: expect.stringContaining('goes on'),
    })
    expect(t.site.requests.matching(stops)).toHaveLength(0)
    expect(await t.settle(run.finished({ timeoutMs: 120_000 }))).toMatchObject({ status: 'success' })
    expect(t.clock.pending).toBe(0)
  })

  it('stops the run where asked to, and says whether that was taken', async () => {
    await using t = await openSite(tasks([{ name: 'Reload', runs: [['started']] }]))
    const run = await t.sense.tasks.start({ name: 'Reload' })
    t.site.failNext({ ...stops, status: 403 })
    const limit = { timeoutMs: 5_000, onTimeout: 'abort' } as const
    await expect(t.settle(run.finished(limit))).rejects.toMatchObject({
      code: 'TASK_TIMEOUT',
      stopped: false,
      cause: { code: 'QRS_FORBIDDEN' },
    })
    await expect(t.settle(run.finished(limit))).rejects.toMatchObject({ code: 'TASK_TIMEOUT', stopped: true })
    expect(await t.settle(run.finished())).toMatchObject({ status: 'aborted' })
  })
})

function groups(changes: Record<string, Partial<ReloadTaskSeed>> = {}): SimulateSenseOptions {
  const reloadTasks: Omit<ReloadTaskSeed, 'app'>[] = [
    { name: 'one', tags: ['nightly'] },
    { name: 'two', tags: ['nightly'] },
    { name: 'capitals', tags: ['NIGHTLY'] },
    { name: 'in EMEA', customProperties: { Region: ['EMEA'] } },
    { name: 'of EMEA', customProperties: { Region: ['APAC'], Team: ['EMEA'] } },
  ]
  const site = tasks(reloadTasks.map((task) => ({ ...task, ...changes[task.name] })))
  const customProperties = ['Region', 'Team'].map((name) => ({ name, choiceValues: ['EMEA', 'APAC'] }))
  return { seed: { ...site.seed, customProperties } }
}

function tasks(reloadTasks: readonly Omit<ReloadTaskSeed, 'app'>[]) {
  return { seed: { apps: [{ name: 'Sales' }], reloadTasks: reloadTasks.map((task) => ({ ...task, app: 'Sales' })) } }
}

function idOf(t: TestSite, name: string): string {
  return t.site.task(name).id
}
