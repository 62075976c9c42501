/** Ends a connection a while from now, on request. */
export interface Renewal {
  /** Asks for the end, so long from now, or from when the connection stands. Of several requests the soonest counts. */
  ask(reason: string, waitMs: number): void
  /** The connection stands. */
  stands(): void
  /** The connection is gone, and with it what was asked. */
  forget(): void
}

/** @param end - ends the connection for this reason */
export function createRenewal(end: (reason: string) => void): Renewal {
  let soonest: { readonly reason: string; readonly waitMs: number; readonly askedAt: number } | undefined
  let timer: NodeJS.Timeout | undefined
  let standing = false

  function wait(): void {
    if (!standing || soonest === undefined) return
    const { reason, waitMs } = soonest
    clearTimeout(timer)
    timer = setTimeout(() => end(reason), waitMs)
  }

  return {
    ask(reason, waitMs) {
      const askedAt = performance.now()
      if (soonest !== undefined && soonest.askedAt + soonest.waitMs <= askedAt + waitMs) return
      soonest = { reason, waitMs, askedAt }
      wait()
    },
    stands() {
      standing = true
      wait()
    },
    forget() {
      standing = false
      soonest = undefined
      clearTimeout(timer)
    },
  }
}
