import type { Schema, SchemaOutput } from '@butlerkit/core'
import { SenseError, TaskError } from '../errors.js'
import type { QrsClient } from './client.js'
import type { QrsFilter } from './filter.js'
import type { QrsChangeOptions } from './list-options.js'

/** What a request of the user's own takes. */
export interface RawOptions extends QrsChangeOptions {
  /** Each value is encoded; `undefined` leaves the name out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined
  /** Written with `q`. */
  readonly filter?: QrsFilter | undefined
}

/** The same, with a schema for the answer: any Standard Schema. */
export interface CheckedOptions<S extends Schema> extends RawOptions {
  readonly schema: S
}

/**
 * The way out: any route of the repository service, by its path from `/qrs` on, without a query. JSON comes back as it is, or checked where
 * a schema is given; `undefined` for an empty answer. Starting tasks this way is denied unless `allowTasks` is `'all'`.
 */
export interface RawQrs {
  /** Tried again after passing failures. @throws {@link QrsError}, {@link SenseError} `SENSE_OPTION` for a path that is none */
  get<S extends Schema>(path: string, options: CheckedOptions<S>): Promise<SchemaOutput<S>>
  get(path: string, options?: RawOptions): Promise<unknown>
  /** Sent once. @throws as {@link RawQrs.get}; {@link TaskError} `TASK_DENIED` */
  post<S extends Schema>(path: string, body: unknown, options: CheckedOptions<S>): Promise<SchemaOutput<S>>
  post(path: string, body?: unknown, options?: RawOptions): Promise<unknown>
  /** Sent once. @throws as {@link RawQrs.get} */
  put<S extends Schema>(path: string, body: unknown, options: CheckedOptions<S>): Promise<SchemaOutput<S>>
  put(path: string, body?: unknown, options?: RawOptions): Promise<unknown>
  /** Sent once. @throws as {@link RawQrs.get} */
  delete(path: string, options?: RawOptions): Promise<void>
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Requests of the user's own, through one client. @param mayStartAll - whether every task may be started */
export function createRawQrs(client: QrsClient, mayStartAll: boolean): RawQrs {
  const request = (method: Method, path: string, json: unknown, { query, filter, signal, timeoutMs }: RawOptions) => {
    checkPath(path)
    if (!mayStartAll && method === 'POST' && startsTasks(path)) {
      throw new TaskError('TASK_DENIED', `POST ${path} starts tasks past the list of those that may be started; use sense.tasks`)
    }
    return { method, path, query, filter, json, signal, timeoutMs }
  }
  const send = async (method: Method, path: string, json: unknown, options: RawOptions | CheckedOptions<Schema> = {}): Promise<unknown> => {
    const asked = request(method, path, json, options)
    if ('schema' in options) return client.json(asked, options.schema)
    const text = await client.text(asked)
    // Text that is no JSON is an answer too: of /ssl/ping, for one.
    return text === '' ? undefined : parseLoosely(text)
  }
  return {
    get: (path: string, options?: RawOptions) => send('GET', path, undefined, options),
    post: (path: string, body?: unknown, options?: RawOptions) => send('POST', path, body, options),
    put: (path: string, body?: unknown, options?: RawOptions) => send('PUT', path, body, options),
    delete: async (path, options) => void (await send('DELETE', path, undefined, options)),
  } as RawQrs
}

function parseLoosely(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function checkPath(path: string): void {
  if (/^\/qrs\/[\w%.~,-]+(?:\/[\w%.~,-]+)*$/.test(path) && !/(?:^|\/)(?:\.|%2e)+(?:\/|$)/i.test(path)) return
  throw new SenseError('SENSE_OPTION', 'path must be a path from /qrs on, encoded, without a query: give that as query or filter')
}

/** QRS compares paths without regard to case. */
function startsTasks(path: string): boolean {
  const plain = path.toLowerCase()
  return /%/.test(plain) || /\/task\/(?:.*\/)?start(?:\/|$)/.test(plain) || /\/app\/[^/]+\/reload$/.test(plain)
}
