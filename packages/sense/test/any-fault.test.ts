import { ButlerError } from '@butlerkit/core'
import type { ExecutionResult, RunResult } from '@butlerkit/sense'
import type { Fault, SimulateSenseOptions } from '@butlerkit/sense-simulator'
import { describe, expect, it } from 'vitest'
import { leaveNothingOpen } from './support/nothing-left.js'
import { openSite } from './support/site.js'

// Faults strike by lot wherever they can. Whatever comes of it: nothing is started twice, every error has a code and tells the truth, no
// result is of another run, and nothing is left open.

leaveNothingOpen()

const html = { kind: 'answer', status: 200, body: '<html>', headers: { 'content-type': 'text/html' } } as const
const everywhere = { times: 1_000, path: /^\/qrs\// } as const
const faults: readonly Fault[] = [
  { kind: 'reset', at: 'request', probability: 0.05, ...everywhere },
  { kind: 'reset', at: 'reply', probability: 0.05, ...everywhere },
  { kind: 'reset', at: 'headers', probability: 0.05, ...everywhere },
  { kind: 'reset', at: 'body', probability: 0.05, ...everywhere },
  { kind: 'truncate', probability: 0.02, ...everywhere },
  { kind: 'answer', status: 503, probability: 0.05, ...everywhere },
  { kind: 'answer', status: 429, headers: { 'retry-after': '7' }, probability: 0.02, ...everywhere },
  { ...html, probability: 0.02, ...everywhere },
  { kind: 'hang', probability: 0.01, ...everywhere },
  { kind: 'delay', ms: 1_000, jitterMs: 20_000, probability: 0.1, ...everywhere },
]
const runs = {
  short: ['started', '3s', 'success'],
  failed: ['queued', '2s', 'started', '9s', 'failed'],
  retried: ['started', '2s', 'retry', '1s', 'started', '8s', 'success'],
} as const
const tasks = ['one', 'two', 'three', 'four'].flatMap((name) =>
  Object.entries(runs).map(([kind, steps]) => ({ name: `${name} ${kind}`, steps })),
)

describe('whatever goes wrong', () => {
  it.each([1, 2, 3, 4, 5, 6])('no task is started twice, and each outcome is its own (lots %i)', async (seedNumber) => {
    await using t = await openSite({ seedNumber, ...withTasks() })
    for (const fault of faults) t.site.faults.add(fault)
    const outcomes = await t.settle(
      Promise.all(
        tasks.map(async ({ name }): Promise<Outcome> => {
          try {
            const run = await t.sense.tasks.start({ name })
            return { name, result: await run.finished() }
          } catch (error) {
            return { name, error }
          }
        }),
      ),
    )
    t.site.faults.clear()
    await t.clock.advance(120_000)

    const rows = await t.sense.qrs.executionResults.list()
    const rowsOf = ({ name }: Outcome) => rows.filter(({ taskId }) => taskId === t.site.task(name).id)
    expect(outcomes.flatMap((outcome) => lies(outcome, rowsOf(outcome)))).toEqual([])
    // With lots like these a task must have come through, or the test says nothing.
    expect(outcomes.filter(({ result }) => result !== undefined).length).toBeGreaterThan(0)
  })
})

interface Outcome {
  readonly name: string
  readonly result?: RunResult
  readonly error?: unknown
}

/** In what an outcome is not what came of its task. @param rows - all results of the task */
function lies({ name, result, error }: Outcome, rows: readonly ExecutionResult[]): readonly string[] {
  const executions = new Set(rows.map(({ executionId }) => executionId))
  const found: string[] = []
  if (executions.size > 1) found.push(`${name} was started ${executions.size} times`)
  if (result === undefined && !(ButlerError.is(error) && /^(?:QRS_|TASK_RESULT_MISSING)/.test(error.code)))
    found.push(`${name} failed with ${String(error)}`)
  if (result !== undefined && !executions.has(result.executionId)) found.push(`${name} has a run that is not there`)
  if (result !== undefined && result.attempts.length !== rows.length) found.push(`${name} has ${result.attempts.length} attempts`)
  if (result !== undefined && result.status !== (name.endsWith('failed') ? 'failed' : 'success')) found.push(`${name} is ${result.status}`)
  return found
}

function withTasks(): SimulateSenseOptions {
  const reloadTasks = tasks.map(({ name, steps }) => ({ name, app: 'Sales', runs: [steps] }))
  return { lag: { resultMs: 2_000 }, seed: { apps: [{ name: 'Sales' }], reloadTasks } }
}
