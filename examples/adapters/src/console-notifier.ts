import type { Notifier } from '@butlerkit/core'

/** Writes notifications to the console: for a start, and to see what would be sent. */
export function consoleNotifier({ name = 'console' } = {}): Notifier {
  return {
    name,
    async notify({ severity = 'info', title, text = '' }, { signal } = {}) {
      signal?.throwIfAborted()
      console.log(`[${severity}] ${title}${text && `: ${text}`}`)
      return { notifier: name }
    },
  }
}
