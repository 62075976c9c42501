/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>

/** Whether there is something to wait for. Handlers may return any thenable. */
export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
