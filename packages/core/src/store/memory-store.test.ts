import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { memoryStore } from './memory-store.js'

// What every store promises is in the store contract: ../testing/store-contract.test.ts

describe('memoryStore', () => {
  it('says that it ends with its process', () => {
    expect(memoryStore().outlivesProcess).toBe(false)
  })

  it('keeps maxEntries at most: what was set longest ago goes first', async () => {
    const store = memoryStore({ maxEntries: 3 })
    for (const key of ['a', 'b', 'c']) await store.set(key, key)
    await store.set('a', 'again')
    await store.set('d', 'd')
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.get(key)))).toEqual(['again', undefined, 'c', 'd'])
  })

  it('makes room of what has expired before it gives up what has not', async () => {
    const clock = createVirtualClock()
    const store = memoryStore({ maxEntries: 3, clock })
    await store.set('oldest', 'x')
    await store.set('expired', 'x', { ttlMs: 10 })
    await store.set('youngest', 'x')
    await clock.advance(10)
    await store.setIfAbsent('new', 'x')
    expect(await Promise.all(['oldest', 'expired', 'youngest', 'new'].map((key) => store.get(key)))).toEqual(['x', undefined, 'x', 'x'])
  })

  it('goes without a timer: nothing keeps the process alive', async () => {
    const clock = createVirtualClock()
    await memoryStore({ clock }).set('a', 'x', { ttlMs: 10 })
    expect(clock.pending).toBe(0)
  })
})
