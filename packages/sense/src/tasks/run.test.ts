import { createSecureContext } from 'node:tls'
import { silent } from '@butlerkit/core'
import { describe, expect, it } from 'vitest'
import { json, startServer } from '../../test/support/http-server.js'
import { createImpatientClock } from '../../test/support/impatient-clock.js'
import { certificateIdentity } from '../auth/identity.js'
import { createAgent } from '../http/agent.js'
import { createQrsClient } from '../qrs/client.js'
import { TaskExecutionStatus as Status, TaskType } from '../qrs/enums.js'
import { createExecutions } from '../qrs/executions.js'
import { createExecutionSource } from './execution-source.js'
import { followRun, type Run } from './run.js'
import { createWakeUps } from './wake-ups.js'

const id = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'
const never = '1753-01-01T00:00:00.000Z'

/** What QRS answers, poll after poll: a number is the session's status, rows are the results once there is no session; a text is Retry-After. */
type Poll = number | readonly ReturnType<typeof row>[] | string

describe('a run that QRS shows in an odd way', () => {
  it('is not over while there is a session, whatever its status', async () => {
    const rows = [row(Status.FinishedFail, 1), row(Status.FinishedSuccess, 2)]
    await using t = await follow([Status.Started, Status.FinishedFail, Status.Retry, Status.Started, rows])
    expect(await t.statuses()).toEqual(['started', 'retrying', 'started', 'success'])
    expect(await t.run.finished()).toMatchObject({ status: 'success', attempts: [{ status: 'failed' }, { status: 'success' }] })
  })

  it('goes on when its session comes back', async () => {
    const missing = Array.from({ length: 8 }, () => [])
    await using t = await follow([...missing, Status.Started, ...missing, [row(Status.FinishedSuccess, 1)]])
    expect(await t.statuses()).toEqual(['started', 'success'])
  })

  it('goes on past a status that is new', async () => {
    await using t = await follow([15, [row(15, 1)], [row(Status.FinishedSuccess, 1)]])
    expect(await t.statuses()).toEqual(['success'])
  })

  it('counts the attempt that began last, whatever the order of rows', async () => {
    await using t = await follow([[row(Status.FinishedSuccess, 2), row(Status.FinishedFail, 1)]])
    expect(await t.run.finished()).toMatchObject({ status: 'success', startedAt: new Date('2026-01-01T00:00:02.000Z') })
  })

  it('waits for the stop time, the duration and the last detail, one as much as the other', async () => {
    const whole = row(Status.FinishedFail, 1)
    const lags = [
      { ...whole, stopTime: never },
      { ...whole, duration: 0 },
      { ...whole, details: [] },
    ]
    await using t = await follow([...lags.map((lag) => [lag]), [whole]])
    const { details, durationMs, stoppedAt } = await t.run.finished()
    expect({ details: details.length, durationMs, stoppedAt }).toEqual({ details: 1, durationMs: 500, stoppedAt: expect.any(Date) })
    expect(t.waits).toEqual([1_000, 1_000, 1_000])
  })

  it('is asked for after 1 s, then less often, to 5 s', async () => {
    await using t = await follow([...Array.from({ length: 7 }, () => Status.Started), [row(Status.FinishedSuccess, 1)]])
    await t.run.finished()
    expect(t.waits).toEqual([1_000, 1_500, 2_250, 3_375, 5_000, 5_000, 5_000])
  })

  it('is left alone for as long as a busy site says', async () => {
    await using t = await follow([Status.Started, '12', '1', [row(Status.FinishedSuccess, 1)]])
    expect(await t.run.finished()).toMatchObject({ status: 'success' })
    expect(t.waits).toEqual([1_000, 12_000, 2_250])
  })

  it('has no script log unless it is a reload', async () => {
    const log = { ...row(Status.FinishedSuccess, 1), fileReferenceID: id }
    await using t = await follow([[log]], TaskType.ExternalProgram)
    expect(await t.run.scriptLog()).toBeUndefined()
    expect(t.requests.filter(({ url }) => url?.includes('scriptlog'))).toHaveLength(0)
  })

  it('is given up ten looks after its end, when there is no result of it', async () => {
    await using t = await follow([Status.Started, []])
    await expect(t.run.finished()).rejects.toMatchObject({ code: 'TASK_RESULT_MISSING', taskIds: [id] })
    expect(t.waits).toHaveLength(11)
  })
})

function row(status: number, second: number) {
  return {
    id,
    status,
    startTime: `2026-01-01T00:00:0${second}.000Z`,
    stopTime: `2026-01-01T00:00:0${second}.500Z`,
    duration: 500,
    executingNodeName: '',
    details: [{ message: 'Changing task state from Started to FinishedX', detailCreatedDate: `2026-01-01T00:00:0${second}.500Z` }],
    fileReferenceID: '00000000-0000-0000-0000-000000000000',
  }
}

/** Follows a run on a server that goes from poll to poll, and stays with the last. */
async function follow(polls: readonly Poll[], taskType: TaskType = TaskType.Reload) {
  let at = -1
  const server = await startServer((response, _, { url }) => {
    if (url?.includes('executionsession')) at = Math.min(at + 1, polls.length - 1)
    const poll = polls[at]
    if (typeof poll === 'string') response.writeHead(429, { 'retry-after': poll }).end()
    else if (url?.includes('executionresult')) json(response, poll)
    else if (typeof poll === 'number') json(response, { id, executionResult: { status: poll, executingNodeName: '' }, abortReason: 0 })
    else response.writeHead(404).end()
  })
  const { origin } = server
  const auth = { kind: 'certificate', secureContext: createSecureContext() } as const
  const agent = createAgent({ auth, servername: undefined, connectTimeoutMs: 10_000, connections: 1 })
  const clock = createImpatientClock()
  const closed = new AbortController().signal
  const logger = silent
  const client = createQrsClient({ origin, dispatcher: agent, identity: certificateIdentity(), timeoutMs: 30_000, clock, logger, closed })
  const wakeUps = createWakeUps()
  const task = { id, name: 'Reload', taskType, tags: [], customProperties: [] }
  const run: Run = followRun({
    task: { id, name: task.name },
    executionId: id,
    source: createExecutionSource(createExecutions(client), task, id),
    clock,
    logger,
    closed,
    wakeUps,
    mayAbort: true,
  })
  return {
    run,
    waits: clock.waits,
    requests: server.requests,
    async statuses(): Promise<string[]> {
      const seen: string[] = []
      for await (const step of run) seen.push(step.status)
      return seen
    },
    async [Symbol.asyncDispose]() {
      await agent.destroy()
      await server[Symbol.asyncDispose]()
    },
  }
}
