import { sleep, type Clock } from '@butlerkit/core'
import { joinSignals } from '../signals.js'
import { noTimeout, type EngineCallOptions, type EngineConnection, type EngineRequest } from './connection.js'
import { EngineError } from './engine-error.js'
import type { EnigmaObject } from './enigma.js'

/** How to reload an app in one's own session. */
export interface AppReloadOptions {
  /** Cancels the reload, waits until the engine has stopped, saves nothing, and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** At an error in the script: `stop` with a result that says so, or `ignore` it. @defaultValue 'stop' */
  readonly onScriptError?: 'stop' | 'ignore' | undefined
  /** @defaultValue false */
  readonly partial?: boolean | undefined
  /** Save the app after a reload that succeeded. @defaultValue true */
  readonly save?: boolean | undefined
  /** Told whenever there is something new. The engine gives no percentage. */
  readonly onProgress?: ((progress: AppReloadProgress) => void) | undefined
  /** How often to ask for the progress, in milliseconds, at least 1. @defaultValue 500 */
  readonly pollMs?: number | undefined
}

/** How far a reload has come. */
export interface AppReloadProgress {
  readonly elapsedMs: number
  /** Statements that began or ended since the last time. */
  readonly messages: readonly string[]
  /** What the statement now running has done, such as rows so far. */
  readonly current: string | undefined
}

/** How a reload ended: a script that failed is a result, not an error. */
export interface AppReloadResult {
  readonly success: boolean
  /** Whether the app was saved. */
  readonly saved: boolean
  /** Errors in the script, as the engine says them. */
  readonly errors: readonly { readonly message: string; readonly line: string | undefined }[]
  /** The script log on the engine's node; `undefined` for engines that do not say. */
  readonly scriptLogFile: string | undefined
  /** Whether the engine ran out of memory. */
  readonly endedWithMemoryConstraint: boolean
}

interface ProgressData {
  readonly qMillisecs?: number
  readonly qErrorData?: readonly { readonly qErrorString?: string; readonly qLine?: string }[]
  readonly qPersistentProgressMessages?: readonly { readonly qMessageParameters?: readonly string[] }[]
  readonly qTransientProgressMessage?: { readonly qMessageParameters?: readonly string[] }
}

interface ReloadAnswer {
  readonly qSuccess?: boolean
  readonly qScriptLogFile?: string
  readonly qEndedWithMemoryConstraint?: boolean
}

const unknownMethod = -32601
const modes = { stop: 1, ignore: 2 } as const

/** Reloads an app, asking for its progress on the same session meanwhile, which the engine serves. */
export async function reloadInEngine(
  connection: EngineConnection,
  doc: EnigmaObject,
  clock: Clock,
  options: AppReloadOptions,
): Promise<AppReloadResult> {
  const { signal, save = true, onProgress, pollMs = 500 } = options
  signal?.throwIfAborted()
  const reload = begin()
  const ended = reload.answer.then(
    () => true,
    () => true,
  )
  let told = 0
  let errors: AppReloadResult['errors'] = []
  const life = joinSignals(signal, connection.over)
  try {
    while (!(await pause())) await look()
    await look()
  } catch (error) {
    if (connection.over.aborted) throw connection.over.reason
    await cancel()
    throw error
  } finally {
    life.release()
  }
  const { qSuccess = false, qScriptLogFile, qEndedWithMemoryConstraint = false } = await reload.answer
  signal?.throwIfAborted()
  if (qSuccess && save) await connection.call(doc, 'DoSave', [], { timeoutMs: noTimeout, signal })
  return {
    success: qSuccess,
    saved: qSuccess && save,
    errors,
    scriptLogFile: qScriptLogFile || undefined,
    endedWithMemoryConstraint: qEndedWithMemoryConstraint,
  }

  function begin(): EngineRequest<ReloadAnswer> {
    const { onScriptError = 'stop', partial = false } = options
    const limits: EngineCallOptions = { timeoutMs: noTimeout }
    const request = connection.request<ReloadAnswer>(doc, 'DoReloadEx', [{ qMode: modes[onScriptError], qPartial: partial }], limits)
    const answer = request.answer.catch(async (error: unknown) => {
      // Engines before 2019 have only the older one, which says just whether it went well.
      if (!(error instanceof EngineError) || error.engineCode !== unknownMethod) throw error
      return { qSuccess: await connection.call<boolean>(doc, 'DoReload', [modes[onScriptError], partial], limits) }
    })
    return { requestId: request.requestId, answer }
  }

  /** Waits for the next look, or for the end, which it says. */
  async function pause(): Promise<boolean> {
    const nap = joinSignals(life.signal)
    try {
      return await Promise.race([ended, sleep(clock, pollMs, nap.signal).then(() => false)])
    } finally {
      nap.abort(undefined)
      nap.release()
    }
  }

  async function look(): Promise<void> {
    const progress = await connection.call<ProgressData>(connection.global, 'GetProgress', [reload.requestId], { signal })
    const { qMillisecs = 0, qErrorData = [], qPersistentProgressMessages: said = [], qTransientProgressMessage } = progress
    const messages = said.slice(told).map((each) => toText(each.qMessageParameters))
    const current = toText(qTransientProgressMessage?.qMessageParameters)
    told = said.length
    errors = qErrorData.map(({ qErrorString = '', qLine }) => ({ message: qErrorString, line: qLine || undefined }))
    if (messages.length > 0 || current !== '') onProgress?.({ elapsedMs: qMillisecs, messages, current: current || undefined })
  }

  /** The engine may take its time, and may even say that the reload went well. */
  async function cancel(): Promise<void> {
    await connection.call(connection.global, 'CancelReload').catch(() => {})
    await ended
  }
}

function toText(parameters: readonly string[] | undefined): string {
  return parameters?.join(' ') ?? ''
}
