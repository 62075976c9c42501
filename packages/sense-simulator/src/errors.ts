import { ButlerError } from '@butlerkit/core'

/**
 * `SITE_UNKNOWN`: no such task or app, or more than one. `SITE_NOT_LISTENING`: a port could not be opened. `JOURNAL_MISMATCH`: other requests
 * came than were asserted.
 */
export type SimulatorErrorCode = 'SITE_UNKNOWN' | 'SITE_NOT_LISTENING' | 'JOURNAL_MISMATCH'

/** The simulator was asked for something it cannot do. */
export class SimulatorError extends ButlerError<SimulatorErrorCode> {
  override readonly name = 'SimulatorError'
}
