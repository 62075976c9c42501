import path from 'node:path'
import { isTopicFilter, messageOf, silent, systemClock, validate, type Clock, type Logger, type Notifier } from '@butlerkit/core'
import { Router, type Request, type Response } from 'express'
import { createKeyCheck } from './api-keys.js'
import type { Endpoint } from './endpoint.js'
import { endpoints } from './endpoints/index.js'
import { ApiError } from './errors.js'
import { toProblem } from './problem.js'
import { readQuery } from './query.js'
import type { ApiServices, ButlerServices, SenseServices } from './services.js'

/** What {@link butlerApi} serves and to whom. Each service and list opens its endpoints; what is left out is not mounted. */
export interface ButlerApiOptions {
  /** The butler whose readiness is told and through which messages are published. */
  readonly butler: ButlerServices
  /** Opens `senseListApps`, `senseAppDump`, `senseQRSPing` and `senseStartTask`. Which tasks may start is the client's own policy. */
  readonly sense?: SenseServices
  /** Opens `slackPostMessage`. */
  readonly notify?: Notifier
  /**
   * Keys that open the endpoints, each 16 or more visible ASCII characters; several let you change one without a gap. Without any, every
   * endpoint but `livez` and `readyz` answers 401. @defaultValue []
   */
  readonly apiKeys?: readonly string[]
  /** Serves everybody without a key. Only for a network where everybody may do all of this. Excludes `apiKeys`. @defaultValue false */
  readonly insecure?: boolean
  /** Absolute paths of directories that exist. */
  readonly directories?: {
    /** Opens `createDir` below these, and `getDiskSpace` for them. @defaultValue [] */
    readonly roots?: readonly string[]
    /** Opens `createDirQVD` below this one. */
    readonly qvdRoot?: string
  }
  /** Absolute paths, more than `directories.roots`, for which `getDiskSpace` answers; what lies below is included. @defaultValue [] */
  readonly diskPaths?: readonly string[]
  /** Topic filters, such as `qliksense/#`. Opens `mqttPublishMessage` for the topics that match one. @defaultValue [] */
  readonly publishTopics?: readonly string[]
  /** Name of the transport that `mqttPublishMessage` uses; needed only where several of the butler's can publish. */
  readonly publishVia?: string
  /** Longest time for one request, in milliseconds, 1 to 2_147_483_647; then 504. @defaultValue 30_000 */
  readonly timeoutMs?: number
  /** Hears of every request that failed: endpoint, status and code, never query or headers. @defaultValue `silent` */
  readonly logger?: Logger
  /** Where the timeout takes the time from. @defaultValue `systemClock` */
  readonly clock?: Clock
}

/**
 * Makes the HTTP API of a butler, to mount in an Express 5 app: `app.use('/butler', butlerApi({ … }))`.
 *
 * Every endpoint is a GET that answers once the work is done, with a status that says how it went; errors are
 * `application/problem+json`. Paths are matched whatever their case; unknown query parameters are refused, as a misspelt one would
 * otherwise be lost in silence.
 *
 * @throws {@link ApiError} `API_OPTIONS` naming the option that is wrong
 */
export function butlerApi(options: ButlerApiOptions): Router {
  const { apiKeys = [], insecure = false, timeoutMs = 30_000, logger = silent, clock = systemClock } = options
  // A text from the environment, such as 'false', must not open the door.
  if (typeof insecure !== 'boolean') throw new ApiError('API_OPTIONS', 'insecure must be true or false')
  if (insecure && apiKeys.length > 0) throw new ApiError('API_OPTIONS', 'insecure serves everybody, so apiKeys has no meaning: drop one')
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 2_147_483_647) {
    throw new ApiError('API_OPTIONS', 'timeoutMs must be a whole number from 1 to 2147483647')
  }
  const hasKey = createKeyCheck(apiKeys)
  const services = toServices(options)
  const router = Router()
  for (const endpoint of endpoints) {
    if (isServed(endpoint, services)) router.all(endpoint.path, (request, response) => answer(endpoint, services, request, response))
  }
  return router

  async function answer(endpoint: Endpoint, available: ApiServices, request: Request, response: Response): Promise<void> {
    const stop = new AbortController()
    const cancelTimeout = clock.schedule(() => {
      stop.abort(new ApiError('API_TIMEOUT', `not done within ${timeoutMs} ms; what was begun may go on`))
    }, timeoutMs)
    response.once('close', () => stop.abort(new Error('the caller has gone')))
    try {
      if (request.method !== endpoint.method) throw new ApiError('API_METHOD', `only ${endpoint.method} is served here`)
      if (endpoint.access === 'key' && !insecure && !hasKey(request.headers)) throw new ApiError('API_KEY', 'an API key is needed')
      const query = await readQuery(request.url, endpoint.query)
      const work = Promise.resolve(endpoint.handler({ query, services: available, signal: stop.signal }))
      const reply = await validate(endpoint.reply, await orAborted(work, stop.signal), `reply of ${endpoint.path}`)
      send(response, endpoint.status?.(reply) ?? 200, 'application/json', reply)
    } catch (error) {
      if (response.destroyed) logger.debug('caller gone before the answer', { path: endpoint.path })
      else refuse(endpoint, response, error)
    } finally {
      cancelTimeout()
    }
  }

  function refuse(endpoint: Endpoint, response: Response, error: unknown): void {
    const problem = toProblem(error)
    const fields = { path: endpoint.path, status: problem.status, ...(problem.code && { code: problem.code }) }
    if (problem.status >= 500) logger.error('request failed', { ...fields, error: messageOf(error) })
    else logger.warn('request refused', fields)
    if (problem.status === 401) response.set('www-authenticate', 'Bearer')
    if (problem.status === 405) response.set('allow', endpoint.method)
    send(response, problem.status, 'application/problem+json', problem)
  }
}

/** Drops what was left out or is empty, so that presence alone decides what is mounted. */
function toServices(options: ButlerApiOptions): Partial<ApiServices> {
  const { butler, sense, notify, directories = {}, diskPaths = [], publishTopics = [], publishVia: via } = options
  const { roots = [], qvdRoot } = directories
  const disks = [...roots, ...diskPaths]
  for (const place of qvdRoot === undefined ? disks : [...disks, qvdRoot]) {
    if (!path.isAbsolute(place)) throw new ApiError('API_OPTIONS', `directories and diskPaths must be absolute paths, not ${place}`)
  }
  for (const [index, filter] of publishTopics.entries()) {
    if (!isTopicFilter(filter)) throw new ApiError('API_OPTIONS', `publishTopics[${index}] is no topic filter`)
  }
  return {
    butler,
    ...(sense && { sense }),
    ...(notify && { notify }),
    ...(roots.length > 0 && { roots }),
    ...(qvdRoot !== undefined && { qvdRoot }),
    ...(disks.length > 0 && { diskPaths: disks }),
    ...(publishTopics.length > 0 && { publish: { topics: publishTopics, ...(via !== undefined && { via }) } }),
  }
}

function isServed(endpoint: Endpoint, services: Partial<ApiServices>): services is ApiServices {
  return endpoint.needs.every((need) => need in services)
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function send(response: Response, status: number, contentType: string, body: unknown): void {
  // The host may have answered already, as a timeout middleware does.
  if (response.headersSent) return
  // `end`, not `json`: that one adds an ETag and may answer 304, and these GETs do something each time.
  response.removeHeader('x-powered-by')
  response.set({ 'cache-control': 'no-store', 'content-type': `${contentType}; charset=utf-8`, 'x-content-type-options': 'nosniff' })
  response.status(status).end(JSON.stringify(body))
}
