import { once } from 'node:events'
import { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { MqttClient } from 'mqtt'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createTurnWriter, type TurnWriter } from './turn-writer.js'

describe('turn writer', () => {
  let written: string[]
  let stream: Writable
  let writer: TurnWriter
  /** Lets the stream go on. */
  let proceed: () => void

  beforeEach(() => {
    written = []
    stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk.toString())
        proceed = done
      },
      writev(chunks, done) {
        written.push(chunks.map(({ chunk }) => String(chunk)).join('|'))
        proceed = done
      },
    })
    writer = createTurnWriter()
    writer.use(stream as unknown as MqttClient['stream'])
  })

  function write(text: string): void {
    const at = writer.reserve(text.length)
    writer.bytes.write(text, at)
  }

  it('writes in one piece, at the end of the turn, what is reserved in it', async () => {
    write('a')
    write('bc')
    expect(written).toEqual([])
    await nextTurn()
    expect(written).toEqual(['abc'])
    proceed()
    write('d')
    await nextTurn()
    expect(written).toEqual(['abc', 'd'])
  })

  it('keeps what it does not copy in its place', async () => {
    write('head ')
    writer.append(Buffer.from('body'))
    write(' tail')
    await nextTurn()
    expect(written).toEqual(['head |body| tail'])
  })

  it('leaves alone what a stream still holds, however much follows', async () => {
    write('first')
    await nextTurn()
    const size = 40_000
    for (const letter of ['x', 'y', 'z']) write(letter.repeat(size))
    writer.flush()
    proceed()
    expect(written).toEqual(['first', `${'x'.repeat(size)}|${'y'.repeat(size)}|${'z'.repeat(size)}`])
  })

  it('has room while little is unwritten, and else once the stream has taken it', async () => {
    const room = vi.fn<(of: string) => void>()
    write('x')
    writer.whenRoom(() => room('little'))
    expect(room.mock.calls).toEqual([['little']])
    write('x'.repeat(70_000))
    writer.whenRoom(() => room('much'))
    await nextTurn()
    expect(room).toHaveBeenCalledTimes(1)
    const drained = once(stream, 'drain')
    proceed()
    await drained
    expect(room.mock.calls).toEqual([['little'], ['much']])
  })

  it('has no room before the stream lets go of what is not copied, though it would take more', async () => {
    const room = vi.fn<() => void>()
    writer.append(Buffer.from('x'))
    writer.whenRoom(room)
    expect(room).not.toHaveBeenCalled()
    writer.flush()
    expect(stream.writableNeedDrain).toBe(false)
    expect(room).not.toHaveBeenCalled()
    proceed()
    await nextTurn()
    expect(room).toHaveBeenCalledTimes(1)
  })

  it('forgets with a stream what was for it, and who waited', async () => {
    const room = vi.fn<() => void>()
    write('old')
    writer.append(Buffer.from('x'))
    writer.whenRoom(room)
    writer.use(undefined)
    await nextTurn()
    writer.use(stream as unknown as MqttClient['stream'])
    write('new')
    await nextTurn()
    expect(written).toEqual(['new'])
    expect(room).not.toHaveBeenCalled()
  })
})
