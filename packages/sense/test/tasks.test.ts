import type { Run, RunStep } from '@butlerkit/sense'
import type { ReloadTaskSeed, SimulateSenseOptions } from '@butlerkit/sense-simulator'
import { describe, expect, it } from 'vitest'
import { openSite } from './support/site.js'

const polls = { method: 'GET', path: /\/executionsession\// } as const
const starts = { method: 'POST', path: /\/start/ } as const
const id = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'

describe('a run', () => {
  it('goes through its steps to success', async () => {
    await using t = await openSite(withTask({ runs: [['queued', '4s', 'started', '30s', 'success']] }))
    const run = await t.sense.tasks.start(id)
    expect(run.task).toEqual({ id, name: 'Reload sales' })
    expect(await t.settle(statuses(run))).toEqual(['queued', 'started', 'success'])
    const result = await t.settle(run.finished())
    expect(result).toMatchObject({ status: 'success', task: run.task, executionId: run.executionId, node: 'node1', durationMs: 34_000 })
    expect(result.startedAt).toEqual(new Date(Date.UTC(2026, 0, 1)))
    expect(result.stoppedAt).toEqual(new Date(Date.UTC(2026, 0, 1, 0, 0, 34)))
    expect(result.attempts).toHaveLength(1)
    expect(result.details.map(({ message }) => message)).toEqual([
      'Changing task state from NeverStarted to Triggered',
      'Trying to start task. Sending task to slave-node node1',
      'Changing task state from Triggered to Queued',
      'Changing task state from Queued to Started',
      'Reference to scriptlog added',
      'Changing task state from Started to FinishedSuccess',
    ])
  })

  it('that fails is a result, with a script log', async () => {
    const scriptLog = ['Execution started.', 'LOAD a – é', 'Error: no such file', 'Execution finished.']
    await using t = await openSite(withTask({ runs: [['started', '2s', 'failed']], scriptLog }))
    const run = await t.sense.tasks.start({ name: 'Reload sales' })
    expect(await t.settle(run.finished())).toMatchObject({ status: 'failed' })
    expect(await t.settle(run.scriptLog())).toEqual(scriptLog)
    expect(await t.settle(run.scriptLog({ tail: 2 }))).toEqual(scriptLog.slice(2))
    await expect(run.scriptLog({ tail: 0 })).rejects.toMatchObject({ code: 'SENSE_OPTION' })
  })

  it('that is stopped by somebody says so', async () => {
    await using t = await openSite(withTask({ runs: [['started']] }))
    const run = await t.sense.tasks.start(id)
    const seen = statuses(run)
    const finished = run.finished()
    await t.clock.advance(10_000)
    t.site.stopTask(id)
    expect(await t.settle(finished)).toMatchObject({ status: 'aborted' })
    expect(await t.settle(seen)).toEqual(expect.arrayContaining(['started', 'aborted']))
  })

  it('that is stopped says who stopped it, where that could be seen', async () => {
    await using t = await openSite(withTask({ runs: [['started', '500ms', 'aborted']] }))
    const run = await t.sense.tasks.start(id)
    expect(await t.settle(statuses(run))).toEqual(['started', 'aborting', 'aborted'])
    expect(await t.settle(run.finished())).toMatchObject({ status: 'aborted', reason: 'manual' })
  })

  it.each([
    ['skipped', 'skipped'],
    ['error', 'failed'],
  ] as const)('that ends with %s is %s', async (event, status) => {
    await using t = await openSite(withTask({ runs: [['2s', event]] }))
    const run = await t.sense.tasks.start(id)
    expect(await t.settle(run.finished())).toMatchObject({ status })
    expect(await t.settle(run.scriptLog())).toBeUndefined()
    expect(t.site.requests.matching({ path: /scriptlog/ })).toHaveLength(0)
  })

  it('that was retried has every attempt, and the last one counts', async () => {
    await using t = await openSite(withTask({ runs: [['started', '5s', 'retry', '5s', 'started', '5s', 'success']] }))
    const run = await t.sense.tasks.start(id)
    expect(await t.settle(statuses(run))).toEqual(['started', 'retrying', 'started', 'success'])
    const { status, attempts, durationMs } = await t.settle(run.finished())
    expect(status).toBe('success')
    expect(attempts.map((attempt) => [attempt.status, attempt.rawStatus])).toEqual([
      ['failed', 8],
      ['success', 7],
    ])
    expect(durationMs).toBe(attempts[1]?.durationMs)
  })

  it('is told from other runs of the same task', async () => {
    await using t = await openSite(withTask({ runs: [['started', '2s', 'failed'], ['started', '2s', 'success'], ['started']] }))
    const first = await t.sense.tasks.start(id)
    await t.clock.advance(3_000)
    t.site.startTask(id)
    await t.clock.advance(3_000)
    t.site.startTask(id)
    expect(await t.settle(first.finished())).toMatchObject({ status: 'failed', executionId: first.executionId })
  })
})

describe('a result that lags', () => {
  it('is waited for, until it is whole', async () => {
    await using t = await openSite({ ...withTask({ runs: [['started', '2s', 'success']] }), lag: { resultMs: 6_000 } })
    const result = await t.settle((await t.sense.tasks.start(id)).finished())
    expect(result).toMatchObject({ status: 'success', durationMs: 2_000 })
    expect(result.details.at(-1)?.message).toBe('Changing task state from Started to FinishedSuccess')
  })

  it('is taken without its last details five seconds after its status', async () => {
    await using t = await openSite({ ...withTask({ runs: [['started', '2s', 'success']] }), lag: { resultMs: 18_000 } })
    const result = await t.settle((await t.sense.tasks.start(id)).finished())
    expect(result).toMatchObject({ status: 'success', durationMs: 0 })
    expect(result.details.at(-1)?.message).toBe('Changing task state from Triggered to Started')
  })

  it('is TASK_RESULT_MISSING after ten seconds, and can be asked for again', async () => {
    await using t = await openSite({ ...withTask({ runs: [['started', '2s', 'success']] }), lag: { resultMs: 120_000 } })
    const run = await t.sense.tasks.start(id)
    await expect(t.settle(run.finished())).rejects.toMatchObject({ code: 'TASK_RESULT_MISSING', taskIds: [id] })
    await t.clock.advance(120_000)
    expect(await t.settle(run.finished())).toMatchObject({ status: 'success' })
  })
})

describe('a script log', () => {
  it('that comes late is asked for again', async () => {
    await using t = await openSite({ ...withTask({ scriptLog: ['one'] }), lag: { scriptLogMs: 5_000 } })
    expect(await t.settle((await t.sense.tasks.start(id)).scriptLog())).toEqual(['one'])
  })

  it('that does not come is told from an empty one', async () => {
    await using t = await openSite({ ...withTask({ scriptLog: ['one'] }), lag: { scriptLogMs: 60_000 } })
    expect(await t.settle((await t.sense.tasks.start(id)).scriptLog())).toBeUndefined()
    expect(t.log.map(({ line }) => line)).toContain('warn script log not found')
    await using empty = await openSite(withTask({ scriptLog: [] }))
    expect(await empty.settle((await empty.sense.tasks.start(id)).scriptLog())).toEqual([])
  })

  it('is had by the older route where the newer is not known', async () => {
    await using t = await openSite(withTask({ scriptLog: ['one'] }))
    t.site.failNext({ path: /scriptlogfile/, status: 404, times: 100 })
    expect(await t.settle((await t.sense.tasks.start(id)).scriptLog())).toEqual(['one'])
  })
})

describe('following', () => {
  it('goes on through failures that pass', async () => {
    await using t = await openSite(withTask({ runs: [['started', '20s', 'success']] }))
    const run = await t.sense.tasks.start(id)
    t.site.failNext({ path: /executionsession/, status: 503, times: 4 })
    t.site.failNext({ path: /executionresult/, status: 500, times: 2 })
    expect(await t.settle(run.finished())).toMatchObject({ status: 'success' })
    expect(t.site.requests.matching({ ...polls, status: 503 })).toHaveLength(4)
    expect(t.site.requests.matching(starts)).toHaveLength(1)
  })

  it('ends with a failure that stays, and can be taken up again', async () => {
    await using t = await openSite(withTask({ runs: [['started', '20s', 'success']] }))
    const run = await t.sense.tasks.start(id)
    t.site.failNext({ path: /executionsession/, status: 403 })
    await expect(t.settle(Promise.all([run.finished(), statuses(run)]))).rejects.toMatchObject({ code: 'QRS_FORBIDDEN' })
    expect(await t.settle(run.finished())).toMatchObject({ status: 'success' })
  })

  it('asks nothing while nobody looks, and fails for nobody', async () => {
    await using t = await openSite(withTask({ runs: [['started', '10s', 'success']] }))
    const run = await t.sense.tasks.start(id)
    t.site.failNext({ path: /executionsession/, status: 403 })
    await t.clock.advance(60_000)
    expect(t.site.requests.matching(polls)).toHaveLength(0)
    await expect(t.settle(run.finished())).rejects.toMatchObject({ code: 'QRS_FORBIDDEN' })
  })

  it('asks once for all who look, from one second to five apart', async () => {
    await using t = await openSite(withTask({ runs: [['started', '60s', 'success']] }))
    const one = await t.sense.tasks.start(id)
    await t.settle(one.finished())
    const alone = t.site.requests.matching(polls).length
    t.site.requests.clear()
    const many = await t.sense.tasks.start(id)
    const [result, same, first, second] = await t.settle(Promise.all([many.finished(), many.finished(), statuses(many), statuses(many)]))
    expect(t.site.requests.matching(polls)).toHaveLength(alone)
    expect(alone).toBeLessThan(20)
    expect(same).toBe(result)
    expect(first).toEqual(['started', 'success'])
    expect(second).toEqual(first)
  })

  it('shows every step to who comes after the end', async () => {
    await using t = await openSite(withTask({ runs: [['queued', '4s', 'started', '4s', 'failed']] }))
    const run = await t.sense.tasks.start(id)
    await t.settle(run.finished())
    expect(await statuses(run)).toEqual(['queued', 'started', 'failed'])
  })

  it('is given up by one signal without disturbing others, and stops with the last', async () => {
    await using t = await openSite(withTask({ runs: [['started', '60s', 'success']] }))
    const run = await t.sense.tasks.start(id)
    const callers = [new AbortController(), new AbortController()] as const
    const gone = run.finished({ signal: callers[0].signal })
    const stays = run.finished({ signal: callers[1].signal })
    await t.clock.advance(5_000)
    callers[0].abort('first')
    await expect(gone).rejects.toBe('first')
    const before = t.site.requests.matching(polls).length
    await t.clock.advance(10_000)
    expect(t.site.requests.matching(polls).length).toBeGreaterThan(before)
    callers[1].abort('second')
    await expect(stays).rejects.toBe('second')
    const after = t.site.requests.matching(polls).length
    await t.clock.advance(20_000)
    expect(t.site.requests.matching(polls)).toHaveLength(after)
    expect(await t.settle(run.finished())).toMatchObject({ status: 'success' })
  })

  it('stops when the loop over its steps is left', async () => {
    await using t = await openSite(withTask({ runs: [['started', '60s', 'success']] }))
    const run = await t.sense.tasks.start(id)
    const first = async () => {
      for await (const step of run) return step
      return undefined
    }
    expect(await t.settle(first())).toEqual<RunStep>({ status: 'started', seenAt: new Date(Date.UTC(2026, 0, 1)), node: 'node1' })
    const before = t.site.requests.matching(polls).length
    await t.clock.advance(20_000)
    expect(t.site.requests.matching(polls)).toHaveLength(before)
  })

  it('ends with SENSE_CLOSED when the client is closed', async () => {
    await using t = await openSite(withTask({ runs: [['started']] }))
    const run = await t.sense.tasks.start(id)
    const settled = Promise.allSettled([run.finished(), statuses(run)])
    await t.clock.advance(5_000)
    await t.sense.close()
    await t.sense.close()
    for (const each of await settled) expect(each).toMatchObject({ reason: { code: 'SENSE_CLOSED' } })
    await expect(t.sense.tasks.start(id)).rejects.toMatchObject({ code: 'SENSE_CLOSED' })
  })
})

describe('starting', () => {
  it('sends nothing for what is not a task id', async () => {
    await using t = await openSite(withTask({}))
    await expect(t.sense.tasks.start("x' or 1 eq 1")).rejects.toMatchObject({ code: 'TASK_ID_INVALID' })
    expect(t.site.requests).toHaveLength(0)
  })

  it.each(['3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a12', { name: 'Reload nothing' }, { name: "' or name ne '" }])(
    'does not find %j',
    async (target) => {
      await using t = await openSite(withTask({}))
      await expect(t.sense.tasks.start(target)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
      expect(t.site.requests.matching(starts)).toHaveLength(0)
    },
  )

  it('takes an id in capitals', async () => {
    await using t = await openSite(withTask({}), { allowTasks: { ids: [id] } })
    expect((await t.sense.tasks.start(id.toUpperCase())).task.id).toBe(id)
  })

  it('takes a name for a name, also where it looks like an id', async () => {
    const seed = { apps: [{ name: 'Sales' }], reloadTasks: [{ name: id, app: 'Sales' }] }
    await using t = await openSite({ seed })
    expect((await t.sense.tasks.start({ name: id })).task.name).toBe(id)
    await expect(t.sense.tasks.start(id)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
  })

  it('starts none of several tasks of one name, and names them', async () => {
    const seed = { apps: [{ name: 'Sales' }], reloadTasks: ['Reload', 'reload', 'Other'].map((name) => ({ name, app: 'Sales' })) }
    await using t = await openSite({ seed })
    const ids = (await t.sense.qrs.reloadTasks.list()).filter(({ name }) => name !== 'Other').map((task) => task.id)
    const error = await t.sense.tasks.start({ name: 'Reload' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'TASK_AMBIGUOUS', taskIds: ids, message: expect.stringContaining(ids.join(', ')) })
    expect(t.site.requests.matching(starts)).toHaveLength(0)
  })

  it('is denied by default, whoever asks, and then nothing is sent', async () => {
    await using t = await openSite(withTask({ tags: ['nightly'] }), { allowTasks: {} })
    for (const target of [id, { name: 'Reload sales' }]) {
      await expect(t.sense.tasks.start(target)).rejects.toMatchObject({ code: 'TASK_DENIED', taskIds: [id] })
    }
    expect(t.site.requests.matching({ method: 'POST' })).toHaveLength(0)
    expect(t.log).toContainEqual({ line: 'warn task start denied', fields: { taskId: id, taskName: 'Reload sales' } })
  })

  it('is allowed by tag and by custom property of the task as QRS has it', async () => {
    const seed = {
      customProperties: [
        { name: 'Region', choiceValues: ['EMEA', 'APAC'] },
        { name: 'Team', choiceValues: ['EMEA', 'APAC'] },
      ],
      apps: [{ name: 'Sales' }],
      reloadTasks: [
        { name: 'tagged', app: 'Sales', tags: ['nightly'] },
        { name: 'in EMEA', app: 'Sales', customProperties: { Region: ['EMEA'] } },
        { name: 'of EMEA', app: 'Sales', customProperties: { Region: ['APAC'], Team: ['EMEA'] } },
      ],
    }
    await using t = await openSite({ seed }, { allowTasks: { tags: ['nightly'], customProperties: [{ name: 'Region', value: 'EMEA' }] } })
    await t.sense.tasks.start({ name: 'tagged' })
    await t.sense.tasks.start({ name: 'in EMEA' })
    await expect(t.sense.tasks.start({ name: 'of EMEA' })).rejects.toMatchObject({ code: 'TASK_DENIED' })
  })

  it('is TASK_NOT_STARTED when Sense answers with the empty GUID', async () => {
    await using t = await openSite(withTask({ enabled: false }))
    await expect(t.sense.tasks.start(id)).rejects.toMatchObject({ code: 'TASK_NOT_STARTED', taskIds: [id] })
  })

  it('is refused, or joins, while the task is running', async () => {
    await using t = await openSite(withTask({ runs: [['started', '10s', 'success']] }))
    const first = await t.sense.tasks.start(id)
    await expect(t.sense.tasks.start(id)).rejects.toMatchObject({ code: 'TASK_NOT_STARTED' })
    const joined = await t.sense.tasks.start(id, { ifRunning: 'join' })
    expect(joined.executionId).toBe(first.executionId)
    expect(await t.settle(joined.finished())).toMatchObject({ status: 'success' })
  })

  it.each([503, 500])('is asked for once, also when the answer is %i', async (status) => {
    await using t = await openSite(withTask({}))
    t.site.failNext({ ...starts, status })
    await expect(t.sense.tasks.start(id)).rejects.toMatchObject({ code: 'QRS_STATUS', status, sent: true })
    expect(t.site.requests.matching(starts)).toHaveLength(1)
  })

  it('is TASK_NOT_FOUND when the task goes away meanwhile', async () => {
    await using t = await openSite(withTask({}))
    t.site.failNext({ ...starts, status: 404 })
    await expect(t.sense.tasks.start(id)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
  })

  it('is given up before anything is sent by a signal that has been aborted', async () => {
    await using t = await openSite(withTask({}))
    await expect(t.sense.tasks.start(id, { signal: AbortSignal.abort('mine') })).rejects.toBe('mine')
    expect(t.site.requests).toHaveLength(0)
  })
})

function withTask(task: Omit<ReloadTaskSeed, 'name' | 'app'>): SimulateSenseOptions {
  return { seed: { apps: [{ name: 'Sales' }], reloadTasks: [{ id, name: 'Reload sales', app: 'Sales', ...task }] } }
}

async function statuses(run: Run): Promise<string[]> {
  const seen: string[] = []
  for await (const step of run) seen.push(step.status)
  return seen
}
