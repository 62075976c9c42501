import { ButlerError } from '@butlerkit/core'

/** How receiving events can fail. */
export type SenseEventsErrorCode = 'SENSE_EVENTS_OPTION' | 'SENSE_EVENTS_BIND' | 'SENSE_EVENTS_READ_ONLY'

/** The receiver of events cannot be set up, or was asked to send. */
export class SenseEventsError extends ButlerError<SenseEventsErrorCode> {
  override readonly name = 'SenseEventsError'
}
