import { describe, it } from 'vitest'
import { memoryStore } from '../store/memory-store.js'
import { storeContract } from './store-contract.js'
import { createVirtualClock } from './virtual-clock.js'

storeContract({
  describe,
  it,
  name: 'memoryStore',
  open() {
    const clock = createVirtualClock()
    return { store: memoryStore({ clock }), advance: (ms) => clock.advance(ms), close: () => {} }
  },
})
