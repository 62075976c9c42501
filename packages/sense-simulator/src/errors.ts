import { ButlerError } from '@butlerkit/core'

/** `SITE_UNKNOWN`: no such task or app, or more than one. `SITE_NOT_LISTENING`: the port could not be opened. */
export type SimulatorErrorCode = 'SITE_UNKNOWN' | 'SITE_NOT_LISTENING'

/** The simulator was asked for something it cannot do. */
export class SimulatorError extends ButlerError<SimulatorErrorCode> {
  override readonly name = 'SimulatorError'
}
