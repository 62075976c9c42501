import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { SenseError } from '../errors.js'
import { optional } from '../qrs/fields.js'
import { isGuid } from '../qrs/guid.js'
import { joinSignals } from '../signals.js'
import { dumpApp, type AppDump, type AppDumpOptions } from './app-dump.js'
import { connectEngine, type EngineAccess, type EngineCallOptions, type EngineConnection } from './connection.js'
import { createEngineApp, type EngineApp } from './engine-app.js'
import { EngineError, read } from './engine-error.js'
import type { EnigmaObject } from './enigma.js'
import { qlikDate } from './qlik-date.js'

/** How to open an app. */
export interface OpenAppOptions extends EngineCallOptions {
  /** Structure and script only: fast, and no memory for the data. Expressions then come back empty. @defaultValue false */
  readonly withoutData?: boolean | undefined
  /** Longest wait for the app to be open, in milliseconds: large ones take minutes. @defaultValue 300_000 */
  readonly openTimeoutMs?: number | undefined
  /** Shares the session with others of this name, selections too. Letters, digits, `-` and `_`. @defaultValue a session of one's own */
  readonly identity?: string | undefined
  /** How long the engine keeps the session after it is closed, in seconds. @defaultValue 0 */
  readonly ttlSeconds?: number | undefined
}

/** An app as the engine lists it. */
export interface EngineDoc {
  readonly id: string
  readonly title: string
  readonly lastReloadTime: Date | undefined
  readonly modified: Date | undefined
  /** Whether the user may not change it. */
  readonly isReadOnly: boolean
  readonly hasSectionAccess: boolean
}

/** The engine. Each call has a session of its own, which is closed whatever happens. */
export interface Engine {
  /**
   * Opens an app, hands it to `use`, and closes the session when that is done.
   *
   * @returns what `use` returns
   * @throws {@link EngineError}: `ENGINE_NOT_FOUND`, `ENGINE_DENIED`, `ENGINE_LICENSE` and those of the connection; what `use` throws
   */
  withApp<T>(appId: string, use: (app: EngineApp) => T | Promise<T>, options?: OpenAppOptions): Promise<T>
  /** Opens an app and leaves it open: dispose of it. @throws as {@link Engine.withApp} */
  open(appId: string, options?: OpenAppOptions): Promise<EngineApp & AsyncDisposable>
}

/** Apps, as the engine has them. As the repository has them: `sense.qrs.apps`. */
export interface Apps {
  /** The apps that the user may open. @throws {@link EngineError} */
  list(options?: EngineCallOptions): Promise<EngineDoc[]>
  /**
   * Everything in an app but its data, as Butler and serializeapp give it, in the same order every time. Section access may hide objects.
   *
   * @throws as {@link Engine.withApp}
   */
  dump(appId: string, options?: AppDumpOptions): Promise<AppDump>
}

const openTimeoutMs = 300_000

/** The engine, its apps, and a way to close every session there is. */
export interface EngineParts {
  readonly engine: Engine
  readonly apps: Apps
  closeAll(): Promise<void>
}

/** The engine, through one way in. @param closed - once aborted, nothing is opened any more */
export function createEngine(access: EngineAccess, closed: AbortSignal): EngineParts {
  const open = new Set<EngineConnection>()

  const engine: Engine = {
    async withApp(appId, use, options = {}) {
      const { app, connection } = await openApp(appId, options)
      try {
        return await use(app)
      } finally {
        await connection.close()
      }
    },
    async open(appId, options = {}) {
      const { app, connection } = await openApp(appId, options)
      return { ...app, [Symbol.asyncDispose]: connection.close }
    },
  }
  const apps: Apps = {
    async list(options = {}) {
      const connection = await connect('engineData', options)
      try {
        const docs = await connection.call<unknown>(connection.global, 'GetDocList', [], options)
        return read(docsWire, docs, 'GetDocList').map(toDoc)
      } finally {
        await connection.close()
      }
    },
    async dump(appId, options = {}) {
      const { app, connection } = await openApp(appId, { ...options, withoutData: true })
      try {
        return await dumpApp(connection, app, options)
      } finally {
        await connection.close()
      }
    },
  }
  return { engine, apps, closeAll: async () => void (await Promise.all([...open].map((each) => each.close()))) }

  async function openApp(appId: string, options: OpenAppOptions): Promise<{ app: EngineApp; connection: EngineConnection }> {
    if (!isGuid(appId)) throw new SenseError('SENSE_ID', 'the id is not a GUID')
    const connection = await connect(appId.toLowerCase(), options)
    try {
      const { withoutData = false, signal, openTimeoutMs: timeoutMs = openTimeoutMs } = options
      const doc = await openDoc(connection, appId.toLowerCase(), withoutData, { signal, timeoutMs })
      return { app: createEngineApp(connection, doc, appId.toLowerCase(), access.clock), connection }
    } catch (error) {
      await connection.close()
      throw error
    }
  }

  async function connect(app: string, options: OpenAppOptions): Promise<EngineConnection> {
    const { identity = randomUUID(), ttlSeconds = 0, signal, timeoutMs } = options
    if (!/^[\w-]+$/.test(identity)) throw new SenseError('SENSE_OPTION', 'identity must be letters, digits, - and _')
    if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0) throw new SenseError('SENSE_OPTION', 'ttlSeconds must be a whole number from 0')
    closed.throwIfAborted()
    const life = joinSignals(signal, closed)
    try {
      const path = `app/${app}/identity/${identity}/ttl/${ttlSeconds}`
      const connection = await connectEngine(access, path, { signal: life.signal, timeoutMs })
      open.add(connection)
      connection.over.addEventListener('abort', () => open.delete(connection), { once: true })
      return connection
    } finally {
      life.release()
    }
  }
}

const alreadyOpen = 1002

async function openDoc(
  connection: EngineConnection,
  appId: string,
  withoutData: boolean,
  options: EngineCallOptions,
): Promise<EnigmaObject> {
  try {
    return await connection.call<EnigmaObject>(connection.global, 'OpenDoc', [appId, '', '', '', withoutData], options)
  } catch (error) {
    // Where a session is shared by its identity, somebody may have been first.
    if (error instanceof EngineError && error.engineCode === alreadyOpen)
      return connection.call(connection.global, 'GetActiveDoc', [], options)
    throw error
  }
}

const docsWire = z.array(
  z.object({
    qDocId: z.string(),
    qDocName: optional(z.string()),
    qTitle: optional(z.string()),
    qLastReloadTime: optional(z.string()),
    qFileTime: optional(z.number()),
    qReadOnly: optional(z.boolean()),
    qHasSectionAccess: optional(z.boolean()),
    qMeta: optional(z.object({ modifiedDate: optional(z.string()) })),
  }),
)

function toDoc(doc: z.output<typeof docsWire>[number]): EngineDoc {
  return {
    id: doc.qDocId,
    title: doc.qTitle ?? doc.qDocName ?? '',
    lastReloadTime: qlikDate(doc.qLastReloadTime),
    modified: qlikDate(doc.qMeta?.modifiedDate) ?? qlikDate(doc.qFileTime),
    isReadOnly: doc.qReadOnly ?? false,
    hasSectionAccess: doc.qHasSectionAccess ?? false,
  }
}
