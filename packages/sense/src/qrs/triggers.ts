import { z } from 'zod'
import type { QrsClient } from './client.js'
import { optional, toDate } from './fields.js'
import { q, type QrsFilter } from './filter.js'
import { guidPath } from './guid.js'
import type { QrsCallOptions, QrsChangeOptions } from './list-options.js'
import { scheduleBody, scheduleWireFields, readSchedule, type Schedule, type ScheduleDefinition } from './schedule.js'
import { findReferences, referenceWire, referredTask, type TaskReference } from './task-kinds.js'

/** A start by other tasks' ends: QRS's composite event. Started when all have ended as wanted. */
export interface ChainDefinition {
  readonly kind: 'chain'
  readonly name: string
  /** @defaultValue true */
  readonly enabled?: boolean | undefined
  /** The tasks waited for, all of them. */
  readonly after: readonly { readonly taskId: string; readonly ended: 'success' | 'failed' }[]
  /** All within so many minutes. @defaultValue 360 */
  readonly withinMinutes?: number | undefined
}

/** Something that starts a task. */
export type TriggerDefinition = ScheduleDefinition | ChainDefinition

/** A trigger there is. */
export interface Trigger {
  readonly id: string
  readonly kind: 'schedule' | 'chain'
  readonly name: string
  readonly enabled: boolean
  /** The first start of a schedule. */
  readonly start: Date | undefined
  /** When a schedule ends; `undefined` for never. */
  readonly end: Date | undefined
  /** When a schedule is next due; `undefined` where the scheduler has not said, or for never. */
  readonly nextStart: Date | undefined
  /** How often a schedule starts its task. */
  readonly schedule: Schedule | undefined
  /** The tasks that a chain waits for. */
  readonly after: readonly { readonly taskId: string; readonly ended: 'success' | 'failed' }[]
}

/** What starts tasks. */
export interface QrsTriggers {
  /** The triggers of one task, of any kind. */
  ofTask(taskId: string, options?: QrsCallOptions): Promise<Trigger[]>
  /**
   * Adds one to a reload, external program or user sync task. Sent once, after QRS has been asked of what kind the tasks are.
   *
   * @throws {@link TaskError} `TASK_NOT_FOUND` for the task itself or one waited for; {@link SenseError} `SENSE_ID`, `SENSE_OPTION`
   */
  add(taskId: string, definition: TriggerDefinition, options?: QrsChangeOptions): Promise<Trigger>
  /** Takes one away. */
  delete(trigger: Pick<Trigger, 'id' | 'kind'>, options?: QrsChangeOptions): Promise<void>
}

const paths = { schedule: '/qrs/schemaevent', chain: '/qrs/compositeevent' } as const
const endings = { success: 1, failed: 2 } as const

/** One item of `GET /qrs/schemaevent/full`. */
export const scheduleWire = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  startDate: optional(z.string()),
  expirationDate: optional(z.string()),
  operational: optional(z.object({ nextExecution: optional(z.string()) })),
  ...scheduleWireFields,
})

/** One item of `GET /qrs/compositeevent/full`. */
export const chainWire = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  compositeRules: optional(z.array(z.object({ ruleState: z.number(), ...referenceWire }))),
})

/** Triggers, through one client. */
export function createTriggers(client: QrsClient): QrsTriggers {
  return {
    async ofTask(taskId, { signal } = {}) {
      const filter = ofTask(guidPath(taskId))
      const [schedules, chains] = await Promise.all([
        client.json({ path: `${paths.schedule}/full`, filter, signal }, z.array(scheduleWire)),
        client.json({ path: `${paths.chain}/full`, filter, signal }, z.array(chainWire)),
      ])
      return [...schedules.map(toSchedule), ...chains.map(toChain)]
    },
    async add(taskId, definition, options = {}) {
      const refer = await findReferences(client, [taskId, ...waitedFor([definition])], options.signal)
      const json = { ...toBody(definition, refer), ...refer(taskId) }
      const request = { method: 'POST', path: paths[definition.kind], json, ...options } as const
      return definition.kind === 'schedule'
        ? toSchedule(await client.json(request, scheduleWire))
        : toChain(await client.json(request, chainWire))
    },
    async delete({ id, kind }, options = {}) {
      await client.text({ method: 'DELETE', path: `${paths[kind]}/${guidPath(id)}`, ...options })
    },
  }
}

/** The triggers of a task that is being made. @throws as {@link QrsTriggers.add} */
export async function triggersBody(
  client: QrsClient,
  triggers: readonly TriggerDefinition[],
  signal: AbortSignal | undefined,
): Promise<{ readonly schemaEvents: object[]; readonly compositeEvents: object[] }> {
  const refer = await findReferences(client, waitedFor(triggers), signal)
  const bodies = (wanted: TriggerDefinition['kind']) => triggers.filter(({ kind }) => kind === wanted).map((each) => toBody(each, refer))
  return { schemaEvents: bodies('schedule'), compositeEvents: bodies('chain') }
}

/** Our form of a schedule. */
export function toSchedule(event: z.output<typeof scheduleWire>): Trigger {
  const { id, name, enabled, startDate, expirationDate, operational } = event
  return {
    id: id.toLowerCase(),
    kind: 'schedule',
    name,
    enabled,
    start: toDate(startDate),
    end: unlessNever(expirationDate),
    nextStart: unlessNever(operational?.nextExecution),
    schedule: readSchedule(event),
    after: [],
  }
}

const noSchedule = { start: undefined, end: undefined, nextStart: undefined, schedule: undefined } as const

/** Our form of a chain. */
export function toChain({ id, name, enabled, compositeRules }: z.output<typeof chainWire>): Trigger {
  const after = (compositeRules ?? []).flatMap((rule) => {
    const taskId = referredTask(rule)
    const ended = rule.ruleState === endings.failed ? 'failed' : 'success'
    return taskId === undefined ? [] : [{ taskId, ended } as const]
  })
  return { id: id.toLowerCase(), kind: 'chain', name, enabled, ...noSchedule, after }
}

function unlessNever(date: string | null | undefined): Date | undefined {
  return date?.startsWith('9999-12-31') ? undefined : toDate(date)
}

function toBody(definition: TriggerDefinition, refer: (taskId: string) => TaskReference): object {
  if (definition.kind === 'schedule') return scheduleBody(definition)
  const { name, enabled = true, after, withinMinutes = 360 } = definition
  return {
    name,
    enabled,
    eventType: 1,
    timeConstraint: { days: 0, hours: Math.floor(withinMinutes / 60), minutes: withinMinutes % 60, seconds: 0 },
    compositeRules: after.map(({ taskId, ended }) => ({ ruleState: endings[ended], ...refer(taskId) })),
  }
}

function waitedFor(triggers: readonly TriggerDefinition[]): string[] {
  return triggers.flatMap((trigger) => (trigger.kind === 'chain' ? trigger.after.map(({ taskId }) => taskId) : []))
}

function ofTask(taskId: string): QrsFilter {
  const id = q.guid(taskId)
  return q`reloadTask.id eq ${id} or externalProgramTask.id eq ${id} or userSyncTask.id eq ${id}`
}
