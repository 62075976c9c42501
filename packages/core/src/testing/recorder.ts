import type { Notification, Notifier } from '../notify/notifier.js'

/** A notifier that only remembers. */
export interface Recorder extends Notifier {
  readonly notifications: readonly Notification[]
}

/** Makes a {@link Recorder} for tests. */
export function recorder(name = 'recorder'): Recorder {
  const notifications: Notification[] = []
  return {
    name,
    notifications,
    async notify(notification, { signal } = {}) {
      signal?.throwIfAborted()
      notifications.push(notification)
      return { notifier: name }
    },
  }
}
