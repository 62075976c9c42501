import type { Notifier, OutboundMessage } from '@butlerkit/core'

/** What the API asks of a butler; core's `Butler` has it. */
export interface ButlerServices {
  /** How the butler and each of its parts are now. */
  health(): {
    readonly ready: boolean
    readonly components: Readonly<Record<string, { readonly state: string; readonly ready: boolean }>>
  }
  /** Sends one message as it is. Resolves once the broker has it, as far as its quality of service promises. */
  publishRaw(message: OutboundMessage, options?: { readonly signal?: AbortSignal; readonly via?: string }): Promise<void>
}

/** An app without its data; what is in the lists is the engine's. */
export interface AppDump {
  readonly appId: string
  readonly properties?: unknown
  readonly loadScript: string
  readonly sheets: readonly unknown[]
  readonly stories: readonly unknown[]
  readonly masterobjects: readonly unknown[]
  readonly appprops: readonly unknown[]
  readonly dimensions: readonly unknown[]
  readonly measures: readonly unknown[]
  readonly bookmarks: readonly unknown[]
  readonly embeddedmedia: readonly unknown[]
  readonly snapshots: readonly unknown[]
  readonly fields: readonly unknown[]
  readonly dataconnections: readonly unknown[]
  readonly variables: readonly unknown[]
  readonly lineage: readonly unknown[]
}

/** What the API asks of Qlik Sense; the client of `@butlerkit/sense` has it, its task policy included. */
export interface SenseServices {
  readonly qrs: {
    about(options?: { readonly signal?: AbortSignal }): Promise<{ readonly buildVersion: string }>
    readonly apps: {
      list(options?: { readonly signal?: AbortSignal }): Promise<readonly { readonly id: string; readonly name: string }[]>
    }
  }
  readonly apps: {
    /** Reads all of an app but its data, under Butler's names. */
    dump(appId: string, options?: { readonly signal?: AbortSignal }): Promise<AppDump>
  }
  readonly tasks: {
    /** Starts a task, if the policy allows it. Resolves once Sense has started it. */
    start(taskId: string, options?: { readonly signal?: AbortSignal }): Promise<{ readonly executionId: string }>
  }
}

/** Everything an endpoint may need. One that needs what was not given is not mounted. */
export interface ApiServices {
  readonly butler: ButlerServices
  readonly sense: SenseServices
  readonly notify: Notifier
  /** Absolute paths; directories may be made below them. */
  readonly roots: readonly string[]
  /** Absolute path; `createDirQVD` makes directories below it. */
  readonly qvdRoot: string
  /** Absolute paths; the space of the disks they are on, and of what lies below them, may be asked for. */
  readonly diskPaths: readonly string[]
  /** Filters for the topics that may be published to, and the transport to use where several can publish. */
  readonly publish: { readonly topics: readonly string[]; readonly via?: string }
}
