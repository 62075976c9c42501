import type { RouterKind } from './routers.js'

/** Bytes that routers filled with these filters hold per filter; the filters themselves are not counted. */
export function bytesPerFilter(kind: RouterKind, filters: readonly string[]): number {
  // A small set is filed many times, as one alone drowns in what else the process allocates.
  const copies = Math.max(1, Math.ceil(20_000 / filters.length))
  const before = bytesInUse()
  const routers = Array.from({ length: copies }, () => fill(kind, filters))
  const bytes = bytesInUse() - before
  if (routers.length !== copies) throw new Error('never')
  return bytes / copies / filters.length
}

/** Bytes that one router holds after it has matched these topics. */
export function bytesAfter(kind: RouterKind, filters: readonly string[], topics: readonly Buffer[], matches: number): number {
  const copies = 20
  const before = bytesInUse()
  const routers = Array.from({ length: copies }, () => {
    const router = fill(kind, filters)
    for (let i = 0; i < matches; i++) router.match(topics[i % topics.length]!.toString())
    return router
  })
  const bytes = bytesInUse() - before
  if (routers.length !== copies) throw new Error('never')
  return bytes / copies
}

function fill(kind: RouterKind, filters: readonly string[]) {
  const router = kind.create()
  for (const [value, filter] of filters.entries()) router.add(filter, value)
  return router
}

function bytesInUse(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc: memory is measured after a collection')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
