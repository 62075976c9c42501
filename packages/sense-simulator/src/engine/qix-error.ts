/** The engine's error codes we answer with, under their true names. Checked against `test/facts/engine-error-codes.json`. */
export const qixCodes = {
  LOCERR_GENERIC_NOT_FOUND: 2,
  LOCERR_GENERIC_ALREADY_EXISTS: 3,
  LOCERR_GENERIC_INVALID_PARAMETERS: 8,
  LOCERR_GENERIC_INTERNAL_ERROR: 10,
  LOCERR_GENERIC_ABORTED: 15,
  LOCERR_APP_ALREADY_OPEN: 1002,
  LOCERR_APP_NOT_FOUND: 1003,
  LOCERR_APP_ALREADY_OPEN_IN_DIFFERENT_MODE: 1009,
  LOCERR_APP_NOT_OPEN: 1017,
  LOCERR_HC_RESULT_TOO_LARGE: 6001,
  LOCERR_RELOAD_IN_PROGRESS: 11_000,
} as const

const messages: Readonly<Record<keyof typeof qixCodes, string>> = {
  LOCERR_GENERIC_NOT_FOUND: 'Not found',
  LOCERR_GENERIC_ALREADY_EXISTS: 'Already exists',
  LOCERR_GENERIC_INVALID_PARAMETERS: 'Invalid parameters',
  LOCERR_GENERIC_INTERNAL_ERROR: 'Internal error',
  LOCERR_GENERIC_ABORTED: 'Request aborted',
  LOCERR_APP_ALREADY_OPEN: 'App already open',
  LOCERR_APP_NOT_FOUND: 'App not found',
  LOCERR_APP_ALREADY_OPEN_IN_DIFFERENT_MODE: 'App already open in different mode',
  LOCERR_APP_NOT_OPEN: 'App not open',
  LOCERR_HC_RESULT_TOO_LARGE: 'Result too large',
  LOCERR_RELOAD_IN_PROGRESS: 'Reload in progress',
}

/** What JSON-RPC itself has to say. @see https://www.jsonrpc.org/specification, section 5.1 */
export const rpcErrors = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
} as const

/** The engine refuses a call: thrown by a method, answered as a JSON-RPC error. */
export class QixError extends Error {
  override readonly name = 'QixError'
  readonly code: number
  /** What the error is about, such as an id. */
  readonly parameter: string

  constructor(code: number, message: string, parameter = '') {
    super(message)
    this.code = code
    this.parameter = parameter
  }
}

/** An error by its true name. */
export function qixError(name: keyof typeof qixCodes, parameter = ''): QixError {
  return new QixError(qixCodes[name], messages[name], parameter)
}
