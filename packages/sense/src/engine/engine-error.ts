import { ButlerError } from '@butlerkit/core'
import type { z } from 'zod'

/** How work with the engine can fail; the package's README says what to do about each. */
export type EngineErrorCode =
  | 'ENGINE_UNREACHABLE'
  | 'ENGINE_TLS'
  | 'ENGINE_UPGRADE'
  | 'ENGINE_AUTH'
  | 'ENGINE_SESSION'
  | 'ENGINE_CLOSED'
  | 'ENGINE_TIMEOUT'
  | 'ENGINE_NOT_FOUND'
  | 'ENGINE_DENIED'
  | 'ENGINE_LICENSE'
  | 'ENGINE_BUSY'
  | 'ENGINE_CALL'

/** Facts beside an {@link EngineError}. */
export interface EngineErrorOptions extends ErrorOptions {
  readonly method?: string | undefined
  readonly engineCode?: number | undefined
  readonly parameter?: string | undefined
  readonly status?: number | undefined
  readonly state?: string | undefined
  readonly transient?: boolean | undefined
}

/** Something with the engine failed. Holds neither cookie, token, user header nor certificate. */
export class EngineError extends ButlerError<EngineErrorCode> {
  override readonly name = 'EngineError'
  /** The engine's method that failed, `OpenDoc`; `undefined` for the connection itself. */
  readonly method: string | undefined
  /** The engine's own code, such as 1003 for an app that is not there. */
  readonly engineCode: number | undefined
  /** What the engine says the code is about. */
  readonly parameter: string | undefined
  /** HTTP status of a websocket that was refused. */
  readonly status: number | undefined
  /** State or notice that ended the session: `SESSION_ERROR_NO_LICENSE`, `OnMaxParallelSessionsExceeded`. */
  readonly state: string | undefined
  /** Whether the same may well succeed later. */
  readonly transient: boolean

  constructor(code: EngineErrorCode, message: string, options: EngineErrorOptions = {}) {
    const { method, engineCode, parameter, status, state, transient = false, ...rest } = options
    super(code, message, rest)
    this.method = method
    this.engineCode = engineCode
    this.parameter = parameter
    this.status = status
    this.state = state
    this.transient = transient
  }
}

/** The engine's codes that mean something to a caller; every other one is `ENGINE_CALL`. @see QIX 12.2528.0, NxLocalizedErrorCode */
const meanings: Readonly<Record<number, EngineErrorCode>> = {
  2: 'ENGINE_NOT_FOUND',
  1003: 'ENGINE_NOT_FOUND',
  9003: 'ENGINE_NOT_FOUND',
  5: 'ENGINE_DENIED',
  4000: 'ENGINE_DENIED',
  5000: 'ENGINE_LICENSE',
  5001: 'ENGINE_LICENSE',
  5002: 'ENGINE_LICENSE',
  5003: 'ENGINE_LICENSE',
  5004: 'ENGINE_LICENSE',
  5007: 'ENGINE_LICENSE',
  19: 'ENGINE_BUSY',
  5006: 'ENGINE_BUSY',
  11000: 'ENGINE_BUSY',
}

/** GENERIC_ABORTED: another change came in between. */
export const abortedCode = 15

/** Turns what enigma.js threw into an {@link EngineError}. */
export function fromEnigma(cause: unknown, method: string): unknown {
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'number') return cause
  const { code: engineCode, message } = cause
  if ('enigmaError' in cause) {
    // Codes of enigma.js itself, a name space of its own: -1 not connected, -2 object not found.
    if (engineCode === -2) return new EngineError('ENGINE_NOT_FOUND', `${method}: there is no such object`, { cause, method })
    return new EngineError(engineCode === -1 ? 'ENGINE_CLOSED' : 'ENGINE_CALL', `${method}: ${message}`, {
      cause,
      method,
      transient: engineCode === -1,
    })
  }
  const parameter = 'parameter' in cause && typeof cause.parameter === 'string' && cause.parameter !== '' ? cause.parameter : undefined
  const code = meanings[engineCode] ?? 'ENGINE_CALL'
  const shown = `${method}: engine error ${engineCode}${message === '' ? '' : `, ${message}`}${parameter === undefined ? '' : ` (${parameter})`}`
  return new EngineError(code, shown, {
    cause,
    method,
    engineCode,
    parameter,
    transient: code === 'ENGINE_BUSY' || engineCode === abortedCode,
  })
}

/** Checks what the engine answered. @throws {@link EngineError} `ENGINE_CALL` naming what does not fit, without its content */
export function read<S extends z.ZodType>(schema: S, answer: unknown, method: string): z.output<S> {
  const { success, data, error } = schema.safeParse(answer)
  if (success) return data
  const where = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  throw new EngineError('ENGINE_CALL', `${method}: the answer cannot be read: ${where}`, { method })
}
