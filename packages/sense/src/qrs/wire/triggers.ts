import type { WireEntity, WirePrivileges } from './entity.js'
import type { WireReloadTaskCondensed, WireTaskCondensed } from './tasks.js'

/** What triggers have in common. */
export interface WireEvent extends WireEntity, WirePrivileges {
  readonly name: string
  readonly enabled: boolean
  readonly reloadTask: WireReloadTaskCondensed | null
  readonly userSyncTask: WireTaskCondensed | null
  readonly externalProgramTask: WireTaskCondensed | null
}

/** What a trigger's scheduler knows of it. */
export interface WireSchemaEventOperational extends WirePrivileges {
  readonly id: string
  readonly nextExecution: string
  readonly timesTriggered: number
}

/** A trigger by time: `GET /schemaevent/full`. */
export interface WireSchemaEvent extends WireEvent {
  /** 0. */
  readonly eventType: number
  readonly timeZone: string
  /** 0 observes it, 1 permanent standard time, 2 permanent daylight saving time. */
  readonly daylightSavingTime: number
  readonly startDate: string
  /** `9999-12-31…` for never. */
  readonly expirationDate: string
  readonly schemaFilterDescription: readonly string[]
  /** Minutes, hours, days and weeks between two executions: `0 0 1 0`. */
  readonly incrementDescription: string
  /** 0 once, 1 hourly, 2 daily, 3 weekly, 4 monthly, 5 custom. */
  readonly incrementOption: number
  readonly operational: WireSchemaEventOperational
}

/** One condition of a trigger by other tasks. */
export interface WireCompositeEventRule {
  readonly id: string
  /** 1 the task succeeds, 2 it fails. */
  readonly ruleState: number
  readonly reloadTask: WireReloadTaskCondensed | null
  readonly userSyncTask: WireTaskCondensed | null
  readonly externalProgramTask: WireTaskCondensed | null
}

/** A trigger by other tasks: `GET /compositeevent/full`. */
export interface WireCompositeEvent extends WireEvent {
  /** 1. */
  readonly eventType: number
  /** Within which all conditions must come true; all zero for no limit. */
  readonly timeConstraint: { readonly days: number; readonly hours: number; readonly minutes: number; readonly seconds: number }
  readonly compositeRules: readonly WireCompositeEventRule[]
  readonly operational: { readonly id: string; readonly timesTriggered: number } & WirePrivileges
}
