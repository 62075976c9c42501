import type { AppContentSeed } from './engine/app-seed.js'
import type { VirtualProxySeed } from './proxy/virtual-proxy.js'
import type { RunStep } from './scheduler/run-script.js'

/**
 * What is on a site when it begins, as plain data: a JSON file will do. Whatever refers to something else does so by its name or its id.
 * Ids left out are made from the site's `seedNumber`, the same in every run.
 */
export interface SiteSeed {
  /** Host name of the only node. @defaultValue 'node1' */
  readonly nodeName?: string
  /** Who may call, beside Qlik's service users (`INTERNAL\sa_api` and others), who always may. @defaultValue nobody */
  readonly users?: readonly UserSeed[]
  /** Streams beside `Everyone` and `Monitoring apps`, which always exist. @defaultValue none */
  readonly streams?: readonly StreamSeed[]
  /** Names of tags. Tags named elsewhere in the seed need not be listed. @defaultValue none */
  readonly tags?: readonly string[]
  /** Definitions of custom properties. @defaultValue none */
  readonly customProperties?: readonly CustomPropertySeed[]
  /** @defaultValue none */
  readonly apps?: readonly AppSeed[]
  /** Files that can be imported, by name (`Sales.qvf`): what the engine shows of the app in each. @defaultValue none */
  readonly importFolder?: Readonly<Record<string, AppContentSeed>>
  /** @defaultValue none */
  readonly reloadTasks?: readonly ReloadTaskSeed[]
  /** @defaultValue none */
  readonly externalProgramTasks?: readonly ExternalProgramTaskSeed[]
  /** @defaultValue none */
  readonly userSyncTasks?: readonly UserSyncTaskSeed[]
  /** Ways in through the proxy. @defaultValue the default virtual proxy, which only tickets open */
  readonly virtualProxies?: readonly VirtualProxySeed[]
  /** How many runs go on at once; the others are queued. @defaultValue no limit */
  readonly maxConcurrentReloads?: number
}

/** A user of the site. */
export interface UserSeed {
  readonly directory: string
  readonly id: string
  /** @defaultValue the id */
  readonly name?: string
  /** Whether QRS refuses the user. @defaultValue false */
  readonly inactive?: boolean
}

/** A stream. */
export interface StreamSeed {
  /** GUID. */
  readonly id?: string
  readonly name: string
}

/** The definition of a custom property. */
export interface CustomPropertySeed {
  /** GUID. */
  readonly id?: string
  readonly name: string
  readonly choiceValues: readonly string[]
  /** What it may be set on. @defaultValue ['App', 'ReloadTask'] */
  readonly objectTypes?: readonly string[]
  /** @defaultValue '' */
  readonly description?: string
}

/** Tags and custom properties of an app or a reload task. */
export interface Labels {
  /** Names. @defaultValue none */
  readonly tags?: readonly string[]
  /** Values by the custom property's name; each must be among its `choiceValues`. @defaultValue none */
  readonly customProperties?: Readonly<Record<string, readonly string[]>>
}

/** An app. */
export interface AppSeed extends Labels {
  /** GUID. */
  readonly id?: string
  readonly name: string
  /** The stream it is published to. @defaultValue not published */
  readonly stream?: string
  /** @defaultValue '' */
  readonly description?: string
  /** Bytes. @defaultValue 139_762 */
  readonly fileSize?: number
  /** What the engine shows of it. @defaultValue an empty app */
  readonly content?: AppContentSeed
}

/** A task of any kind and how its runs go. */
export interface TaskSeed extends Labels {
  /** GUID. */
  readonly id?: string
  readonly name: string
  /** @defaultValue true */
  readonly enabled?: boolean
  /** Minutes after which the scheduler stops a run, 1 to 35_000. @defaultValue 1_440 */
  readonly taskSessionTimeout?: number
  /** How often a run that fails is tried again, 0 to 20. @defaultValue the most retries in one of `runs` */
  readonly maxRetries?: number
  /**
   * Scripts of the runs: the first start plays the first, and so on; the last is played again and again. A script begins when the task is
   * triggered; one without an ending goes on until it is stopped or its time is over. At `failed` the last attempt is made again as long as
   * `maxRetries` allows.
   *
   * @defaultValue [['started', '2s', 'success']]
   */
  readonly runs?: readonly (readonly RunStep[])[]
  /** What starts it by itself. @defaultValue nothing */
  readonly triggers?: readonly TriggerSeed[]
}

/** A reload task and how its runs go. */
export interface ReloadTaskSeed extends TaskSeed {
  /** Name or id of the app it reloads. */
  readonly app: string
  /** Lines of every run's script log. @defaultValue a short log that tells how the run ended */
  readonly scriptLog?: readonly string[]
}

/** A task that runs a program, which of course is not really run. */
export interface ExternalProgramTaskSeed extends TaskSeed {
  /** The program on the node. */
  readonly path: string
  /** @defaultValue '' */
  readonly parameters?: string
}

/** A task that reads users from a directory. Its runs are played as those of any task; no users come of them. */
export interface UserSyncTaskSeed extends TaskSeed {
  /** Name of the directory. Directories that tasks name are there. */
  readonly userDirectory: string
}

/** Tasks of all kinds, in the order the store keeps them. */
export function taskSeeds({ reloadTasks = [], externalProgramTasks = [], userSyncTasks = [] }: SiteSeed): readonly TaskSeed[] {
  return [...reloadTasks, ...externalProgramTasks, ...userSyncTasks]
}

/** Starts a task after others, when all of them have ended as told, or by the clock. */
export type TriggerSeed = {
  /** @defaultValue 'Trigger of ' and the task's name */
  readonly name?: string
  /** @defaultValue true */
  readonly enabled?: boolean
} & (
  | {
      /** Names or ids of tasks. */
      readonly after: readonly { readonly task: string; /** @defaultValue 'success' */ readonly on?: 'success' | 'fail' }[]
    }
  | {
      /** ISO 8601. */
      readonly startDate: string
      /** @defaultValue 'once' */
      readonly every?: 'once' | 'hourly' | 'daily' | 'weekly' | 'monthly'
      /** Which of these times count, as in `schemaFilterDescription`. @defaultValue all; the day of `startDate` with `weekly`, `monthly` */
      readonly only?: string
      /** IANA name. @defaultValue 'UTC' */
      readonly timeZone?: string
      /** What becomes of the zone's summer time. @defaultValue 'observe' */
      readonly daylightSaving?: 'observe' | 'permanentStandardTime' | 'permanentDaylightSavingTime'
    }
)
