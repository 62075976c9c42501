import type { Clock, Logger } from '@butlerkit/core'
import type { AnswerFault, Faults } from '../faults.js'
import type { RequestJournal } from '../request-journal.js'
import type { CloudSeed } from './cloud-seed.js'
import type { CloudReloadRecord } from './reloads.js'

/** How a tenant is set up. */
export interface SimulateCloudOptions {
  /** What is on the tenant. @defaultValue nothing */
  readonly seed?: CloudSeed
  /** Address to listen on. @defaultValue '127.0.0.1' */
  readonly host?: string
  /** 0 takes a free one. @defaultValue 0 */
  readonly port?: number
  /** How long OAuth tokens are good for, in milliseconds. @defaultValue six hours */
  readonly tokenLifetimeMs?: number
  /** Where the time comes from. @defaultValue core's `systemClock` */
  readonly clock?: Clock
  /** Ids, keys and lots are the same in every run with the same number. @defaultValue 1 */
  readonly seedNumber?: number
  /** @defaultValue silent */
  readonly logger?: Logger
}

/** A tenant of Qlik Cloud, as far as reloads go. */
export interface SimulatedCloud extends AsyncDisposable {
  /** Its address, `https://127.0.0.1:<port>`. */
  readonly tenant: string
  /** PEM text of the authority that signed its certificate, made anew for each tenant. */
  readonly ca: string
  /** An API key that is let in. */
  readonly apiKey: string
  /** An OAuth client that gets tokens. */
  readonly oauthClient: { readonly clientId: string; readonly clientSecret: string }
  /** The requests there were, without tokens and bodies. */
  readonly requests: RequestJournal
  /** What is to go wrong: `RequestFault` for requests, `NotificationFault` (by the event's type) for deliveries of webhooks. */
  readonly faults: Faults
  /** Answers the next request that fits with a status of your choice. */
  failNext(fault: AnswerFault): void
  /** The id of an app, by its name or id. @throws `SimulatorError` `SITE_UNKNOWN` */
  appId(nameOrId: string): string
  /** The reloads there are, the newest first. */
  reloads(): readonly Readonly<CloudReloadRecord>[]
  /** Reloads an app as somebody in the hub does. @returns the reload's id @throws `SimulatorError` `SITE_UNKNOWN` */
  startReload(nameOrId: string): string
  /** Makes all OAuth tokens given out so far no longer good. */
  expireTokens(): void
  /** Resolves once nothing is under way. */
  idle(): Promise<void>
  /** Ends the tenant; also by `await using`. May be called twice. */
  close(): Promise<void>
}
