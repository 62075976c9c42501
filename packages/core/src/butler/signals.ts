/**
 * Calls back once on SIGINT or SIGTERM. A second signal finds nobody listening and ends the process at once.
 *
 * @returns stops listening
 */
export function onSignals(callback: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const forget = () => {
    for (const signal of signals) process.off(signal, heard)
  }
  const heard = () => {
    forget()
    callback()
  }
  for (const signal of signals) process.on(signal, heard)
  return forget
}
