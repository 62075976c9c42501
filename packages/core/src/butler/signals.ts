/** npm, among others, passes on a Ctrl-C that the process has had from the terminal already. */
const sameSignalMs = 1_000

/**
 * Calls back once on SIGINT or SIGTERM. A second signal, a second later or more, ends the process as if nobody listened.
 *
 * @returns stops listening
 */
export function onSignals(callback: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const
  let heardAt: number | undefined
  const forget = () => {
    for (const signal of signals) process.off(signal, heard)
  }
  const heard = (signal: NodeJS.Signals) => {
    if (heardAt === undefined) {
      heardAt = performance.now()
      callback()
    } else if (performance.now() - heardAt > sameSignalMs) {
      forget()
      process.kill(process.pid, signal)
    }
  }
  for (const signal of signals) process.on(signal, heard)
  return forget
}
