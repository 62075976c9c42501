import { z } from 'zod'
import type { QrsClient } from './client.js'
import { optional, toDate } from './fields.js'
import { q, type QrsFilter } from './filter.js'
import { guidPath } from './guid.js'
import type { QrsCallOptions, QrsChangeOptions } from './list-options.js'

/** How often a schedule starts its task, as QRS counts it. @see QRS 38.22.0, `SchemaEvent.incrementOption` */
export const ScheduleIncrement = { once: 0, hourly: 1, daily: 2, weekly: 3, monthly: 4, custom: 5 } as const

/** A start by the clock: QRS's schema event. */
export interface ScheduleDefinition {
  readonly kind: 'schedule'
  readonly name: string
  /** @defaultValue true */
  readonly enabled?: boolean | undefined
  /** A name of {@link ScheduleIncrement}. */
  readonly increment: keyof typeof ScheduleIncrement
  /** Minutes, hours, days and weeks between two starts: `'0 0 1 0'` for every day. @defaultValue one of the increment's own units */
  readonly every?: string | undefined
  /** Days and months that count, as QRS writes them. @defaultValue `'* * - * * * * *'`, all of them */
  readonly only?: string | undefined
  /** The first start, in UTC. @defaultValue now */
  readonly start?: Date | undefined
  /** @defaultValue never */
  readonly end?: Date | undefined
  /** IANA name. @defaultValue 'UTC' */
  readonly timeZone?: string | undefined
}

/** A start by other tasks' ends: QRS's composite event. Started when all have ended as wanted. */
export interface ChainDefinition {
  readonly kind: 'chain'
  readonly name: string
  /** @defaultValue true */
  readonly enabled?: boolean | undefined
  /** The tasks waited for, all of them reload tasks. */
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
  /** The tasks that a chain waits for. */
  readonly after: readonly { readonly taskId: string; readonly ended: 'success' | 'failed' }[]
}

/** What starts tasks. */
export interface QrsTriggers {
  /** The triggers of one task, of any kind. */
  ofTask(taskId: string, options?: QrsCallOptions): Promise<Trigger[]>
  /** Adds one to a reload task. Sent once. */
  add(taskId: string, definition: TriggerDefinition, options?: QrsChangeOptions): Promise<Trigger>
  /** Takes one away. */
  delete(trigger: Pick<Trigger, 'id' | 'kind'>, options?: QrsChangeOptions): Promise<void>
}

const paths = { schedule: '/qrs/schemaevent', chain: '/qrs/compositeevent' } as const
const endings = { success: 1, failed: 2 } as const
const never = '9999-12-31T00:00:00.000Z'
const everyUnit = {
  once: '0 0 0 0',
  hourly: '0 1 0 0',
  daily: '0 0 1 0',
  weekly: '0 0 0 1',
  monthly: '0 0 1 0',
  custom: '0 0 1 0',
} as const

/** One item of `GET /qrs/schemaevent/full`. */
export const scheduleWire = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  startDate: optional(z.string()),
  expirationDate: optional(z.string()),
})

/** One item of `GET /qrs/compositeevent/full`. */
export const chainWire = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  compositeRules: optional(z.array(z.object({ ruleState: z.number(), reloadTask: optional(z.object({ id: z.string() })) }))),
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
      const json = { ...toBody(definition), reloadTask: { id: guidPath(taskId) } }
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

/** The triggers of a task that is being made. */
export function triggersBody(triggers: readonly TriggerDefinition[]): {
  readonly schemaEvents: object[]
  readonly compositeEvents: object[]
} {
  return {
    schemaEvents: triggers.filter(({ kind }) => kind === 'schedule').map(toBody),
    compositeEvents: triggers.filter(({ kind }) => kind === 'chain').map(toBody),
  }
}

/** Our form of a schedule. */
export function toSchedule(event: z.output<typeof scheduleWire>): Trigger {
  const { id, name, enabled, startDate, expirationDate } = event
  const end = expirationDate?.startsWith('9999-12-31') ? undefined : toDate(expirationDate)
  return { id: id.toLowerCase(), kind: 'schedule', name, enabled, start: toDate(startDate), end, after: [] }
}

/** Our form of a chain. */
export function toChain({ id, name, enabled, compositeRules }: z.output<typeof chainWire>): Trigger {
  const after = (compositeRules ?? []).flatMap(({ ruleState, reloadTask }) =>
    reloadTask
      ? [{ taskId: reloadTask.id.toLowerCase(), ended: ruleState === endings.failed ? ('failed' as const) : ('success' as const) }]
      : [],
  )
  return { id: id.toLowerCase(), kind: 'chain', name, enabled, start: undefined, end: undefined, after }
}

function toBody(definition: TriggerDefinition): object {
  const { name, enabled = true } = definition
  if (definition.kind === 'chain') {
    const minutes = definition.withinMinutes ?? 360
    return {
      name,
      enabled,
      eventType: 1,
      timeConstraint: { days: 0, hours: Math.floor(minutes / 60), minutes: minutes % 60, seconds: 0 },
      compositeRules: definition.after.map(({ taskId, ended }) => ({ ruleState: endings[ended], reloadTask: { id: guidPath(taskId) } })),
    }
  }
  const { increment, every = everyUnit[increment], only = '* * - * * * * *', start = new Date(), end, timeZone = 'UTC' } = definition
  return {
    name,
    enabled,
    eventType: 0,
    timeZone,
    daylightSavingTime: 0,
    startDate: start.toISOString(),
    expirationDate: end?.toISOString() ?? never,
    schemaFilterDescription: [only],
    incrementDescription: every,
    incrementOption: ScheduleIncrement[increment],
  }
}

function ofTask(taskId: string): QrsFilter {
  const id = q.guid(taskId)
  return q`reloadTask.id eq ${id} or externalProgramTask.id eq ${id} or userSyncTask.id eq ${id}`
}
