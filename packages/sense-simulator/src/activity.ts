/** What is under way on a site, whoever does it: requests, handshakes, calls of the engine, notifications. */
export interface Activity {
  /** Something begins. Returns what is to be called when it is over, any number of times. */
  begin(): () => void
  /** Resolves once nothing is under way, for some turns of the event loop on end. */
  idle(): Promise<void>
}

/** A request from this process shows itself to the server within a turn or two. */
const quietTurns = 5

/** Makes an {@link Activity}. */
export function createActivity(): Activity {
  const underWay = new Set<object>()
  return {
    begin() {
      const token = {}
      underWay.add(token)
      return () => void underWay.delete(token)
    },
    async idle() {
      for (let quiet = 0; quiet < quietTurns; quiet = underWay.size === 0 ? quiet + 1 : 0) await eventLoopTurn()
    },
  }
}

const eventLoopTurn = () => new Promise((resolve) => setImmediate(resolve))
