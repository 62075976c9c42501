import type { WireExecutionResult, WireExecutionSession } from '@butlerkit/sense'
import { createVirtualClock } from '@butlerkit/core/testing'
import { describe, expect, it } from 'vitest'
import { qrs } from '../../test/qrs-call.js'
import { simulateSense } from '../site.js'
import type { ReloadTaskSeed } from '../site-seed.js'
import type { Lag } from './scheduler.js'

const zeroGuid = '00000000-0000-0000-0000-000000000000'
const nullDate = '1753-01-01T00:00:00.000Z'

describe('a run', () => {
  it('goes the way of its script, and its session is gone when it is over', async () => {
    await using lab = await openLab({ runs: [['1s', 'queued', '2s', 'started', '3s', 'success']] })
    const id = await lab.start()
    expect(await lab.session(id)).toMatchObject({
      id,
      abortAt: '2026-01-02T00:00:00.000Z',
      abortReason: 0,
      retries: 0,
      app: { name: 'Sales' },
      reloadTask: { name: 'Reload' },
      executionResult: { status: 1, startTime: '2026-01-01T00:00:00.000Z', stopTime: nullDate, duration: 0, fileReferenceID: zeroGuid },
    })
    await lab.clock.advance(1_000)
    expect((await lab.session(id))?.executionResult.status).toBe(3)
    await lab.clock.advance(2_000)
    expect((await lab.session(id))?.executionResult.status).toBe(2)
    await lab.clock.advance(2_999)
    expect((await lab.session(id))?.executionResult.status).toBe(2)
    await lab.clock.advance(1)
    expect(await lab.session(id)).toBeUndefined()

    const [result, ...others] = await lab.results(id)
    expect(others).toEqual([])
    expect(result).toMatchObject({
      status: 7,
      taskID: lab.site.task('Reload').id,
      executionID: id,
      appID: lab.site.task('Reload').app.id,
      executingNodeName: 'node1',
      startTime: '2026-01-01T00:00:00.000Z',
      stopTime: '2026-01-01T00:00:06.000Z',
      duration: 6_000,
      scriptLogAvailable: false,
    })
    expect(result?.fileReferenceID).not.toBe(zeroGuid)
    expect(notes(result)).toEqual([
      'Changing task state from NeverStarted to Triggered',
      'Trying to start task. Sending task to slave-node node1',
      'Changing task state from Triggered to Queued',
      'Changing task state from Queued to Started',
      'Reference to scriptlog added',
      'Changing task state from Started to FinishedSuccess',
    ])
    expect(lab.clock.pending).toBe(0)
  })

  it('is mirrored in its task, and in its app only when it went well', async () => {
    await using lab = await openLab({
      runs: [
        ['started', '1s', 'failed'],
        ['started', '1s', 'success'],
      ],
    })
    expect(lab.site.task('Reload').operational.lastExecutionResult).toMatchObject({ status: 0, startTime: nullDate })
    await lab.start()
    expect(lab.site.task('Reload').operational.lastExecutionResult.status).toBe(2)
    await lab.clock.advance(1_000)
    expect(lab.site.task('Reload').operational.lastExecutionResult).toMatchObject({ status: 8, duration: 1_000 })
    expect(await lab.lastReloadTime()).toBe(nullDate)
    await lab.start()
    await lab.clock.advance(1_000)
    expect(lab.site.task('Reload').operational.lastExecutionResult.status).toBe(7)
    expect(await lab.lastReloadTime()).toBe('2026-01-01T00:00:02.000Z')
  })

  it('says what failed, with weight', async () => {
    await using lab = await openLab({ runs: [['started', 'failed']] })
    const [result] = await lab.results(await lab.start())
    expect(notes(result).slice(-3)).toEqual([
      'Message from ReloadProvider: Reload failed in Engine. Check engine or script logs.',
      'Changing task state from Started to FinishedFail',
      'Max retries reached',
    ])
    expect(result?.details.filter(({ detailsType }) => detailsType === 0)).toHaveLength(2)
  })

  it('gives its details in an order of its own', async () => {
    await using lab = await openLab({ runs: [['started', 'success']] })
    const [result] = await lab.results(await lab.start())
    const dates = result?.details.map(({ detailCreatedDate }) => detailCreatedDate) ?? []
    expect(dates).not.toEqual(dates.toSorted())
    expect(new Set(dates).size).toBe(dates.length)
  })

  it('plays the scripts one after the other, and the last again and again', async () => {
    await using lab = await openLab({ runs: [['failed'], ['error'], ['skipped'], ['success']] })
    const statuses: unknown[] = []
    for (let start = 0; start < 5; start++) statuses.push((await lab.results(await lab.start()))[0]?.status)
    expect(statuses).toEqual([8, 11, 9, 7, 7])
  })

  it('takes two seconds and ends well where nothing is said', async () => {
    await using lab = await openLab({})
    const id = await lab.start()
    await lab.clock.advance(2_000)
    expect((await lab.results(id))[0]).toMatchObject({ status: 7, duration: 2_000 })
  })

  it('has one row for each attempt, all with the id of the one session', async () => {
    await using lab = await openLab({ runs: [['started', '1s', 'retry', '1s', 'started', '1s', 'retry', 'started', '1s', 'success']] })
    expect(lab.site.task('Reload').maxRetries).toBe(2)
    const id = await lab.start()
    await lab.clock.advance(1_000)
    expect(await lab.session(id)).toMatchObject({ retries: 1, executionResult: { status: 10 } })
    await lab.clock.advance(2_500)
    expect(await lab.session(id)).toMatchObject({ retries: 2, executionResult: { status: 2 } })
    await lab.clock.advance(500)
    expect(await lab.session(id)).toBeUndefined()
    const results = await lab.results(id)
    const byStart = results.toSorted((left, right) => left.startTime.localeCompare(right.startTime))
    expect(byStart.map(({ status, duration }) => [status, duration])).toEqual([
      [8, 1_000],
      [8, 2_000],
      [7, 1_000],
    ])
    expect(new Set(results.map(({ startTime }) => startTime)).size).toBe(3)
    expect(byStart.slice(0, 2).flatMap(notes)).not.toContain('Max retries reached')
    expect(lab.site.task('Reload').operational.lastExecutionResult.id).toBe(byStart[2]?.id)
  })

  it('is tried again when it fails, as often as its task allows', async () => {
    await using lab = await openLab({ maxRetries: 2, runs: [['queued', '1s', 'started', '1s', 'failed']] })
    const id = await lab.start()
    await lab.clock.advance(3_000)
    expect(await lab.session(id)).toMatchObject({ retries: 1, executionResult: { status: 2 } })
    await lab.clock.advance(3_000)
    expect(await lab.session(id)).toBeUndefined()
    const results = (await lab.results(id)).toSorted((left, right) => left.startTime.localeCompare(right.startTime))
    expect(results.map(({ status, duration }) => [status, duration])).toEqual([
      [8, 2_000],
      [8, 2_000],
      [8, 2_000],
    ])
    expect(results.map((result) => notes(result).includes('Max retries reached'))).toEqual([false, false, true])
    expect(lab.clock.pending).toBe(0)
  })

  it('repeats its last attempt when its task allows more retries than its script has', async () => {
    await using lab = await openLab({ maxRetries: 2, runs: [['1s', 'retry', '2s', 'failed']] })
    const id = await lab.start()
    await lab.clock.advance(5_000)
    const results = (await lab.results(id)).toSorted((left, right) => left.startTime.localeCompare(right.startTime))
    expect(results.map(({ duration }) => duration)).toEqual([1_000, 2_000, 2_000])
  })

  it('that errs before it began is not tried again', async () => {
    await using lab = await openLab({ maxRetries: 2, runs: [['error']] })
    expect(await lab.results(await lab.start())).toHaveLength(1)
  })

  it('begins with attempts at different times even when a retry comes at once', async () => {
    await using lab = await openLab({ runs: [['retry', 'retry', 'failed']] })
    const results = await lab.results(await lab.start())
    expect(new Set(results.map(({ startTime }) => startTime)).size).toBe(3)
  })
})

describe('a start', () => {
  it('of a disabled task, or one that runs, answers the empty id', async () => {
    await using lab = await openLab({ runs: [['started', '1s', 'success']] })
    const id = await lab.start()
    expect(id).not.toBe(zeroGuid)
    expect(await lab.start()).toBe(zeroGuid)
    await lab.clock.advance(1_000)
    expect(await lab.start()).not.toBe(zeroGuid)

    await using off = await openLab({ enabled: false })
    expect(await off.start()).toBe(zeroGuid)
    expect((await qrs(off.site, 'GET /executionresult/count')).json()).toEqual({ value: 0 })
  })
})

describe('a schedule', () => {
  // Friday, 1 May, half past midnight in Stockholm.
  const startDate = '2026-04-30T22:30:00Z'

  it.each([
    ['weekly', {}, '2026-05-07T22:30:00.000Z'],
    ['monthly', {}, '2026-05-31T22:30:00.000Z'],
    ['weekly', { only: '* * - 1,3 * * * *' }, '2026-05-03T22:30:00.000Z'],
    ['daily', { daylightSaving: 'permanentStandardTime' }, '2026-05-01T22:30:00.000Z'],
  ] as const)('%s of the seed goes by its time zone', async (every, more, next) => {
    await using lab = await openLab({ triggers: [{ startDate, every, timeZone: 'Europe/Stockholm', ...more }] })
    await lab.clock.advance(Date.parse(startDate) - lab.clock.now() + 1)
    expect(lab.site.task('Reload').operational.nextExecution).toBe(next)
  })
})

describe('a stop', () => {
  it('takes the run through both abort states', async () => {
    await using lab = await openLab({ runs: [['started', '1m', 'success']] })
    const id = await lab.start()
    await lab.clock.advance(1_000)
    expect((await qrs(lab.site, `POST /task/${lab.taskId}/stop`)).status).toBe(204)
    expect(await lab.session(id)).toMatchObject({ abortReason: 1, executionResult: { status: 4 } })
    await lab.clock.advance(400)
    await qrs(lab.site, `POST /task/${lab.taskId}/stop`)
    await lab.clock.advance(100)
    expect(await lab.session(id)).toMatchObject({ executionResult: { status: 5 } })
    await lab.clock.advance(1_000)
    expect(await lab.session(id)).toBeUndefined()
    const [result] = await lab.results(id)
    expect(result).toMatchObject({ status: 6, duration: 2_500 })
    expect(notes(result).at(-1)).toBe('Changing task state from Aborting to Aborted')
    expect(await lab.lastReloadTime()).toBe(nullDate)
    expect(lab.clock.pending).toBe(0)
    expect(await lab.start()).not.toBe(zeroGuid)
  })

  it('of a task that does not run changes nothing', async () => {
    await using lab = await openLab({})
    expect((await qrs(lab.site, `POST /task/${lab.taskId}/stop`)).status).toBe(204)
    expect((await qrs(lab.site, 'GET /executionresult/count')).json()).toEqual({ value: 0 })
  })

  it('comes by itself when the time of the task is over', async () => {
    await using lab = await openLab({ runs: [['started']], taskSessionTimeout: 5 })
    const id = await lab.start()
    await lab.clock.advance(5 * 60_000 - 1)
    expect(await lab.session(id)).toMatchObject({ abortReason: 0, executionResult: { status: 2 }, abortAt: '2026-01-01T00:05:00.000Z' })
    await lab.clock.advance(1)
    expect(await lab.session(id)).toMatchObject({ abortReason: 2, executionResult: { status: 4 } })
    await lab.clock.advance(1_500)
    expect((await lab.results(id))[0]?.status).toBe(6)
  })

  it('may be in the script', async () => {
    await using lab = await openLab({ runs: [['started', '1s', 'aborted']] })
    const id = await lab.start()
    await lab.clock.advance(2_500)
    expect((await lab.results(id))[0]?.status).toBe(6)
  })
})

describe('a repository that lags', () => {
  it('shows the end of a run bit by bit', async () => {
    await using lab = await openLab({ runs: [['started', '1s', 'failed']] }, { resultMs: 4_000 })
    const id = await lab.start()
    await lab.clock.advance(1_000)
    expect(await lab.session(id)).toBeUndefined()
    expect((await lab.results(id))[0]).toMatchObject({ status: 2, duration: 0, stopTime: nullDate, fileReferenceID: zeroGuid })
    await lab.clock.advance(2_000)
    const [half] = await lab.results(id)
    expect(half).toMatchObject({ status: 8, duration: 0, stopTime: '2026-01-01T00:00:01.000Z' })
    expect(notes(half).at(-1)).toBe('Changing task state from Triggered to Started')
    await lab.clock.advance(2_000)
    const [whole] = await lab.results(id)
    expect(whole).toMatchObject({ status: 8, duration: 1_000 })
    expect(notes(whole).at(-1)).toBe('Max retries reached')
  })

  it('does not hold up the next run', async () => {
    await using lab = await openLab({ runs: [['failed'], ['started', '1m', 'success']] }, { resultMs: 4_000 })
    const first = await lab.start()
    const second = await lab.start()
    expect(second).not.toBe(zeroGuid)
    await lab.clock.advance(4_000)
    expect((await lab.results(first))[0]?.status).toBe(8)
    expect(lab.site.task('Reload').operational.lastExecutionResult.status).toBe(2)
  })
})

describe('a script log', () => {
  it('comes in two hops, by the newer and by the older route, once it is there', async () => {
    await using lab = await openLab(
      { runs: [['started', '1s', 'failed']], scriptLog: ['Execution started.', 'Größe: 5 µm', ''] },
      { scriptLogMs: 3_000 },
    )
    const id = await lab.start()
    await lab.clock.advance(1_000)
    const [result] = await lab.results(id)
    const newer = { query: { executionResultId: result?.id ?? '' } }
    const older = { query: { fileReferenceId: result?.fileReferenceID ?? '' } }
    const base = `GET /reloadtask/${lab.taskId}`
    expect((await qrs(lab.site, `${base}/scriptlogfile`, newer)).status).toBe(404)
    expect((await qrs(lab.site, `${base}/scriptlog`, older)).status).toBe(404)
    await lab.clock.advance(3_000)
    const hop = await qrs(lab.site, `${base}/scriptlogfile`, newer)
    expect(hop.status).toBe(200)
    const { value } = hop.json() as { value: string }
    expect((await qrs(lab.site, `${base}/scriptlog`, older)).json()).toEqual({ value })

    const log = await qrs(lab.site, `GET /download/reloadtask/${value}/any.log`)
    expect(log).toMatchObject({ status: 200, text: 'Execution started.\r\nGröße: 5 µm\r\n\r\n' })
    expect(log.type).toMatch(/^text\/plain/)
    expect(result?.scriptLogSize).toBe(Buffer.byteLength(log.text))
    expect(result?.scriptLogLocation).toMatch(/^node1\\Script\\[0-9a-f-]{36}\.20260101T000000\+0000\.[0-9A-F]{8}\.log$/)
  })

  it('is not that of another task or result, and wants to be asked for properly', async () => {
    await using lab = await openLab({ runs: [['failed']] })
    const [result] = await lab.results(await lab.start())
    const query = { executionResultId: result?.id ?? '' }
    expect((await qrs(lab.site, `GET /reloadtask/${result?.id}/scriptlogfile`, { query })).status).toBe(404)
    expect((await qrs(lab.site, `GET /reloadtask/${lab.taskId}/scriptlogfile`, { query: { executionResultId: zeroGuid } })).status).toBe(
      404,
    )
    expect((await qrs(lab.site, `GET /download/reloadtask/${zeroGuid}/a.log`)).status).toBe(404)
    expect(await qrs(lab.site, `GET /reloadtask/${lab.taskId}/scriptlogfile`)).toMatchObject({
      status: 400,
      text: 'Missing parameter value(s)',
    })
  })

  it('of a failed run says so where no text was given', async () => {
    await using lab = await openLab({ runs: [['failed'], ['success']] })
    expect(await lab.scriptLog(await lab.start())).toMatch(/\r\nError: .*\r\nExecution Failed\r\nExecution finished\.\r\n$/)
    expect(await lab.scriptLog(await lab.start())).not.toMatch(/Error|Failed/)
  })

  it('is not there for a run that was skipped', async () => {
    await using lab = await openLab({ runs: [['skipped']] })
    expect((await lab.results(await lab.start()))[0]?.fileReferenceID).toBe(zeroGuid)
  })
})

/** A site with one task on a clock that stands still, and the questions of these tests, asked over HTTPS. */
async function openLab(task: Partial<ReloadTaskSeed>, lag: Lag = {}) {
  const clock = createVirtualClock()
  const seed = { apps: [{ name: 'Sales' }], reloadTasks: [{ name: 'Reload', app: 'Sales', ...task }] }
  const site = await simulateSense({ clock, lag, seed })
  const taskId = site.task('Reload').id
  const results = async (id: string) =>
    (await qrs(site, 'GET /executionresult/full', { query: { filter: `ExecutionId eq ${id}` } })).json() as WireExecutionResult[]
  return {
    clock,
    site,
    taskId,
    results,
    async start(): Promise<string> {
      const reply = await qrs(site, `POST /task/${taskId}/start/synchronous`)
      expect(reply.status).toBe(201)
      return (reply.json() as { value: string }).value
    },
    async session(id: string): Promise<WireExecutionSession | undefined> {
      const reply = await qrs(site, `GET /executionsession/${id}`)
      return reply.status === 404 ? undefined : (reply.json() as WireExecutionSession)
    },
    async lastReloadTime(): Promise<string> {
      return (await qrs(site, 'GET /app/full')).json()[0].lastReloadTime
    },
    async scriptLog(id: string): Promise<string> {
      const [result] = await results(id)
      const hop = await qrs(site, `GET /reloadtask/${taskId}/scriptlogfile`, { query: { executionResultId: result?.id ?? '' } })
      return (await qrs(site, `GET /download/reloadtask/${hop.json().value}/script.log`)).text
    },
    [Symbol.asyncDispose]: () => site.close(),
  }
}

/** A result's messages, oldest first. */
function notes(result: WireExecutionResult | undefined): readonly string[] {
  const details = result?.details ?? []
  return details.toSorted((left, right) => left.detailCreatedDate.localeCompare(right.detailCreatedDate)).map(({ message }) => message)
}
