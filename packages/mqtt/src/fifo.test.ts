import { expect, it } from 'vitest'
import { createFifo } from './fifo.js'

it('gives what it was given, oldest first, also when emptied and filled again', () => {
  const fifo = createFifo<{ readonly number: number }>()
  expect(fifo.shift()).toBeUndefined()
  for (const round of [1, 2, 3]) {
    const items = [1, 2, 3, 4].map((number) => ({ number: round * 10 + number }))
    for (const item of items) fifo.push(item)
    expect(fifo.remove(items[1] as never)).toBe(true)
    expect(fifo.remove(items[1] as never)).toBe(false)
    expect([fifo.shift(), fifo.shift()]).toEqual([items[0], items[2]])
    fifo.push({ number: 99 })
    expect([fifo.shift(), fifo.shift(), fifo.shift()]).toEqual([items[3], { number: 99 }, undefined])
  }
  fifo.push({ number: 1 })
  expect(fifo.drain()).toEqual([{ number: 1 }])
  expect([fifo.size, fifo.shift()]).toEqual([0, undefined])
})
