/** Root of every error Butlerkit throws on purpose. Branch on `code`; `cause` is what lay beneath. */
export class ButlerError<Code extends string = string> extends Error {
  override readonly name: string = 'ButlerError'
  /** Brand that holds across the ESM and CJS builds, where `instanceof` does not. */
  readonly isButlerError = true
  /** `SUBJECT_WHAT` in capitals; once released, a code keeps its meaning. */
  readonly code: Code

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /**
   * Tells whether a caught value is one of Butlerkit's errors, and with `code` whether it is that one.
   * Holds across the ESM and CJS builds, where `instanceof` does not.
   */
  static is<Code extends string = string>(value: unknown, code?: Code): value is ButlerError<Code> {
    return value instanceof Error && 'isButlerError' in value && (code === undefined || (value as ButlerError).code === code)
  }
}

/** The error's text, whatever was thrown: for a log line, never for branching. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
