import { describe, expect, it } from 'vitest'
import { shareWork } from './shared-work.js'

const never = new AbortController().signal

/** Work that goes on until aborted, and notes when it began and ended. */
function endless() {
  const log: string[] = []
  return {
    log,
    work: (signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        log.push('begun')
        signal.addEventListener('abort', () => {
          log.push('aborted')
          reject(signal.reason)
        })
      }),
  }
}

describe('shared work', () => {
  it('does not begin before somebody waits, and begins once for all', async () => {
    const { work, log } = endless()
    const shared = shareWork(work, never)
    shared.enter()
    expect(log).toEqual([])
    const waits = [shared.changed(), shared.changed()]
    expect(log).toEqual(['begun'])
    shared.announce()
    await Promise.all(waits)
  })

  it('goes on between two waits, and is aborted when the last has left', async () => {
    const { work, log } = endless()
    const shared = shareWork(work, never)
    const leave = [shared.enter(), shared.enter()]
    const wait = shared.changed()
    shared.announce()
    await wait
    leave[0]?.()
    expect(log).toEqual(['begun'])
    leave[1]?.()
    expect(log).toEqual(['begun', 'aborted'])
  })

  it('begins anew for who comes right after the last has left', async () => {
    const { work, log } = endless()
    const shared = shareWork(work, never)
    const leave = shared.enter()
    void shared.changed()
    leave()
    shared.enter()
    const wait = shared.changed()
    await Promise.resolve()
    expect(log).toEqual(['begun', 'aborted', 'begun'])
    shared.announce()
    await wait
  })

  it('tells its failure to all who wait, and begins anew for the next', async () => {
    let runs = 0
    const shared = shareWork(() => Promise.reject(new Error(`failure ${++runs}`)), never)
    shared.enter()
    const settled = await Promise.allSettled([shared.changed(), shared.changed()])
    expect(settled.map((each) => each.status === 'rejected' && String(each.reason))).toEqual(['Error: failure 1', 'Error: failure 1'])
    await expect(shared.changed()).rejects.toThrow('failure 2')
  })

  it('lets one give up without disturbing the others', async () => {
    const { work, log } = endless()
    const shared = shareWork(work, never)
    shared.enter()
    const caller = new AbortController()
    const gone = shared.changed(caller.signal)
    const stays = shared.changed()
    caller.abort('mine')
    await expect(gone).rejects.toBe('mine')
    expect(log).toEqual(['begun'])
    shared.announce()
    await stays
  })

  it('is aborted for good with the reason of its owner', async () => {
    const closing = new AbortController()
    const { work } = endless()
    const shared = shareWork(work, closing.signal)
    shared.enter()
    const wait = shared.changed()
    closing.abort('closed')
    await expect(wait).rejects.toBe('closed')
  })
})
