import { afterEach, beforeEach } from 'vitest'

/** Fails every test of a file that leaves a socket or a server open. */
export function leaveNothingOpen(): void {
  let before: string[] = []
  beforeEach(() => void (before = process.getActiveResourcesInfo()))
  afterEach(async () => {
    // Sockets that were destroyed are gone a turn later.
    for (let turn = 0; turn < 50 && leftOver().length > 0; turn++) await new Promise((resolve) => setImmediate(resolve))
    if (leftOver().length > 0) throw new Error(`left open: ${leftOver().join(', ')}`)
  })

  function leftOver(): string[] {
    const left = process.getActiveResourcesInfo()
    for (const name of before) if (left.includes(name)) left.splice(left.indexOf(name), 1)
    // Timers of the test runner, and what a thread pool has under way, come and go.
    return left.filter((name) => name === 'TLSSocketWrap' || name === 'TCPSocketWrap' || name === 'TCPServerWrap')
  }
}
