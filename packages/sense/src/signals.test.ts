import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { joinSignals } from './signals.js'

describe('joined signals', () => {
  it('abort with the reason of the first that does', () => {
    const [first, second] = [new AbortController(), new AbortController()]
    const { signal } = joinSignals(first.signal, undefined, second.signal)
    expect(signal.aborted).toBe(false)
    second.abort('second')
    first.abort('first')
    expect(signal.reason).toBe('second')
  })

  it('are aborted from the start where one of them is', () => {
    expect(joinSignals(AbortSignal.abort('mine')).signal.reason).toBe('mine')
  })

  it('leave nothing behind once released', () => {
    const source = new AbortController()
    const { signal, release } = joinSignals(source.signal)
    expect(getEventListeners(source.signal, 'abort')).toHaveLength(1)
    release()
    expect(getEventListeners(source.signal, 'abort')).toHaveLength(0)
    source.abort()
    expect(signal.aborted).toBe(false)
  })
})
