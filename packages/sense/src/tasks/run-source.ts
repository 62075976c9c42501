import type { RunResult } from './result.js'
import type { RunStatus } from './status.js'

/** What one look at a run shows. */
export type RunView =
  | {
      readonly isOver: false
      /** `undefined` for one that is new to us. */
      readonly status: RunStatus | undefined
      readonly node: string | undefined
    }
  | {
      readonly isOver: true
      /** `undefined` while it lags behind the end. */
      readonly result: RunResult | undefined
      /** Whether all of the result has been written. */
      readonly isSettled: boolean
    }

/** Where one run is seen and stopped: execution sessions of QRS, or reloads of Qlik Cloud. */
export interface RunSource {
  /** Looks once. @throws a `RequestError`; for a transient one {@link RunSource.look} is called again */
  look(signal: AbortSignal): Promise<RunView>
  /** Tells Sense to stop the run; false where it is over. */
  stop(signal: AbortSignal | undefined): Promise<boolean>
  /** What reads the script log's text, giving `undefined` while Sense does not have it; `undefined` where there will be none. */
  scriptLog(result: RunResult): ((signal: AbortSignal) => Promise<string | undefined>) | undefined
}
