import type { Clock } from '@butlerkit/core'
import {
  taskOf,
  type CompositeEventRecord,
  type CompositeRuleRecord,
  type SchemaEventRecord,
  type Store,
  type TaskRecord,
} from '../store/records.js'
import { nullDate, toWireDate } from '../store/wire-values.js'
import type { Ending } from './execution-result.js'
import { nextExecution } from './schedule.js'
import type { Scheduler } from './scheduler.js'

/** Starts tasks by the clock and after other tasks. */
export interface Triggers {
  /** Looks at a trigger by time again: it is new, or has been changed. */
  reschedule(event: SchemaEventRecord): void
  /** Forgets a trigger. */
  remove(event: SchemaEventRecord | CompositeEventRecord): void
  /** Looks at all triggers again: what the store keeps has been replaced. */
  reset(): void
  close(): void
}

/** What triggers work with. */
export interface TriggersOptions {
  readonly store: Store
  readonly clock: Clock
  readonly scheduler: Scheduler
}

/** Node's timers go no further. */
const longestTimerMs = 2_147_483_647

/** Makes the triggers of a site, and sets those it begins with going. */
export function createTriggers({ store, clock, scheduler }: TriggersOptions): Triggers {
  const timers = new Map<string, () => void>()
  /** When each rule came true, by the rule's id. */
  const met = new Map<string, number>()

  rescheduleAll()
  scheduler.onEnded((task, ending) => {
    for (const event of store.compositeEvents.values()) if (event.enabled) follow(event, task, ending)
  })

  return {
    reschedule,
    remove(event) {
      timers.get(event.id)?.()
      timers.delete(event.id)
    },
    reset() {
      close()
      timers.clear()
      met.clear()
      rescheduleAll()
    },
    close,
  }

  function rescheduleAll(): void {
    for (const event of store.schemaEvents.values()) reschedule(event)
  }

  function close(): void {
    for (const cancel of timers.values()) cancel()
  }

  function reschedule(event: SchemaEventRecord, fromMs = clock.now()): void {
    timers.get(event.id)?.()
    timers.delete(event.id)
    const dueMs = nextExecution(event, fromMs)
    note(event, dueMs)
    if (dueMs !== undefined) wait(event, dueMs)
  }

  function wait(event: SchemaEventRecord, dueMs: number): void {
    const delayMs = dueMs - clock.now()
    const next = () => (delayMs > longestTimerMs ? wait(event, dueMs) : fire(event, dueMs))
    timers.set(event.id, clock.schedule(next, Math.min(delayMs, longestTimerMs)))
  }

  function fire(event: SchemaEventRecord, dueMs: number): void {
    event.operational.timesTriggered += 1
    reschedule(event, Math.max(clock.now(), dueMs + 1))
    const task = taskOf(event)
    if (task) scheduler.start(task)
  }

  function note(event: SchemaEventRecord, dueMs: number | undefined): void {
    event.operational.nextExecution = dueMs === undefined ? nullDate : toWireDate(dueMs)
    const task = taskOf(event)
    if (!task) return
    const all = [...store.schemaEvents.values()].filter((other) => taskOf(other) === task)
    const due = all.map(({ operational }) => operational.nextExecution).filter((date) => date !== nullDate)
    task.operational.nextExecution = due.toSorted()[0] ?? nullDate
  }

  function follow(event: CompositeEventRecord, task: TaskRecord, ending: Ending): void {
    for (const rule of event.compositeRules) if (isMet(rule, task, ending)) met.set(rule.id, clock.now())
    const { days, hours, minutes, seconds } = event.timeConstraint
    const windowMs = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000
    const times = event.compositeRules.map(({ id }) => met.get(id) ?? Number.NEGATIVE_INFINITY)
    const oldest = windowMs === 0 ? 0 : clock.now() - windowMs
    if (times.length === 0 || times.some((time) => time < oldest)) return
    for (const { id } of event.compositeRules) met.delete(id)
    event.operational.timesTriggered += 1
    const target = taskOf(event)
    if (target) scheduler.start(target)
  }
}

function isMet(rule: CompositeRuleRecord, task: TaskRecord, ending: Ending): boolean {
  if (taskOf(rule) !== task) return false
  return rule.ruleState === 1 ? ending === 'FinishedSuccess' : ending === 'FinishedFail' || ending === 'Error'
}
