import type { Clock, Logger } from '@butlerkit/core'
import type { WireReloadTask } from '@butlerkit/sense'
import type { UdpTarget } from './appender/log-appender.js'
import type { AnswerFault, Faults } from './faults.js'
import type { Fetch } from './http/in-process-fetch.js'
import type { RequestJournal } from './request-journal.js'
import type { Lag } from './scheduler/scheduler.js'
import type { ShownCertificate, SiteCertificates } from './site-certificates.js'
import type { SiteSnapshot } from './services.js'
import type { SiteSeed } from './site-seed.js'

/** How a site is set up. */
export interface SimulateSenseOptions {
  /** What is on the site. @defaultValue the two streams every site has, and nothing else */
  readonly seed?: SiteSeed
  /** Whether there are ports at all. Without them there is {@link SimulatedSense.fetch}. @defaultValue true */
  readonly listen?: boolean
  /** Address to listen on. @defaultValue '127.0.0.1' */
  readonly host?: string
  /** Port of the repository service; 0 takes a free one. @defaultValue 0 */
  readonly port?: number
  /** Port of the proxy; 0 takes a free one. @defaultValue 0 */
  readonly proxyPort?: number
  /** Port of the proxy's own API, where tickets are made; 0 takes a free one. @defaultValue 0 */
  readonly proxyApiPort?: number
  /** Port of the engine; 0 takes a free one. @defaultValue 0 */
  readonly enginePort?: number
  /** Further names the server's certificate is good for, beside `host`, `localhost` and the node's name. @defaultValue none */
  readonly hostNames?: readonly string[]
  /** Where the time comes from. @defaultValue core's `systemClock` */
  readonly clock?: Clock
  /** How far the site's clock is ahead of `clock`, in milliseconds; less than 0 where it is behind. @defaultValue 0 */
  readonly clockSkewMs?: number
  /** Where the services' log appenders send to, over UDP. @defaultValue nowhere */
  readonly logAppender?: {
    /** The scheduler's: tasks that failed, were aborted, succeeded. */
    readonly tasks?: UdpTarget
    /** The proxy's: users' sessions. */
    readonly users?: UdpTarget
  }
  /** How far the repository is behind the scheduler. @defaultValue not at all */
  readonly lag?: Lag
  /** Ids are the same in every run with the same number. @defaultValue 1 */
  readonly seedNumber?: number
  /** @defaultValue core's `silent` */
  readonly logger?: Logger
}

/** What the proxy writes of a user's session. */
export interface SessionOptions {
  /** What the user came for. @defaultValue 'Hub' */
  readonly origin?: string
  /** Path asked for. @defaultValue '/hub/' */
  readonly context?: string
  /** @defaultValue 'Mozilla/5.0' */
  readonly userAgent?: string
}

/** A running site. Dispose it, or call `close`. */
export interface SimulatedSense extends AsyncDisposable {
  readonly host: string
  /** Port of the repository service; as all ports 0 for a site that does not listen. */
  readonly port: number
  /** Port of the proxy: no certificate is needed, but a way to log in. See `virtualProxies` of the seed. */
  readonly proxyPort: number
  /** Port of the proxy's own API: `https://<host>:<proxyApiPort>/qps/ticket`. */
  readonly proxyApiPort: number
  /** Port of the engine: `wss://<host>:<enginePort>/app/<id>`, and its health check over HTTPS. */
  readonly enginePort: number
  /** `https://<host>:<port>/qrs`. */
  readonly url: string
  readonly certificates: SiteCertificates
  /**
   * Asks the repository service in the process: the global `fetch` without a socket, as if with the site's client certificate. Only the path of
   * the address counts. Faults strike here too; where a connection breaks off, at whatever point, it rejects as `fetch` does.
   */
  readonly fetch: Fetch
  /** What has been asked of the site. */
  readonly requests: RequestJournal
  /** All reload tasks as they are now, in the wire's full form and the seed's order. */
  tasks(): readonly WireReloadTask[]
  /**
   * A reload task as it is now, in the wire's full form.
   *
   * @throws {@link SimulatorError} `SITE_UNKNOWN` when no task, or more than one, has this name or id
   */
  task(nameOrId: string): WireReloadTask
  /**
   * Starts a task of any kind as the scheduler does when its time has come.
   *
   * @returns the execution session's id, or the empty GUID when the task is disabled or runs already
   * @throws {@link SimulatorError} `SITE_UNKNOWN`
   */
  startTask(nameOrId: string): string
  /**
   * Stops the run of a task of any kind as the management console does: it takes a second or two of the clock.
   *
   * @throws {@link SimulatorError} `SITE_UNKNOWN`
   */
  stopTask(nameOrId: string): void
  /** A user's session begins: sends the proxy's datagram. @param user - `DIRECTORY\id` */
  openSession(user: string, options?: SessionOptions): void
  /** A user's session ends: sends the proxy's datagram. @param user - `DIRECTORY\id` */
  closeSession(user: string, options?: SessionOptions): void
  /**
   * Starts the repository anew: everyone who wanted to be told of changes is forgotten, and for `downMs` it answers 503.
   *
   * @param downMs - milliseconds of the site's clock. @defaultValue 0
   */
  restart(downMs?: number): void
  /** What the site keeps now, to come back to. */
  snapshot(): SiteSnapshot
  /** Brings back what the site kept when the snapshot was taken, any number of times. Nothing runs then and nobody is subscribed or in a session. */
  restore(snapshot: SiteSnapshot): void
  /** What is to go wrong, as data. */
  readonly faults: Faults
  /** The simplest fault: answers the next requests that fit as told, without anything being done. */
  failNext(fault: AnswerFault): void
  /** Changes what the servers show at the next handshakes. */
  showCertificate(shown: ShownCertificate): Promise<void>
  /**
   * Resolves once nothing is under way: no request, no handshake, no datagram. Made for a virtual clock (`settle: () => site.idle()`) with
   * the client in the same process, speaking to {@link SimulatedSense.host} by its address.
   */
  idle(): Promise<void>
  /** Finishes what is under way, then closes the port. Runs stay where they are. May be called twice. */
  close(): Promise<void>
}
