import { describe, expect, it } from 'vitest'
import { binary, json, text } from './codec.js'

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('codecs', () => {
  it.each([
    [json, { a: [1, 'ü', null] }],
    [text, 'grüße 🚀'],
    [text, 'sent as it is: \ufffd'],
    [text, 'long '.repeat(1_000)],
    [text, 'lång '.repeat(1_000)],
    [binary, bytes(0, 255)],
  ])('$0.name gives back what it wrote', (codec, value) => {
    expect(codec.decode(codec.encode(value as never))).toEqual(value)
  })

  it.each([
    [text, bytes(0xff), 'payload is not UTF-8 text'],
    [text, bytes(0xed, 0xa0, 0x80), 'payload is not UTF-8 text'],
    [text, Buffer.concat([Buffer.from('long '.repeat(1_000)), bytes(0xe2, 0x82)]), 'payload is not UTF-8 text'],
    [json, bytes(0xc3, 0x28), 'payload is not UTF-8 text'],
    [json, bytes(), 'payload is empty, not JSON'],
    [json, new TextEncoder().encode('{"password": hunter2'), 'payload is not JSON'],
  ])('%s refuses what it cannot read, without quoting it', (codec, payload, message) => {
    expect(() => codec.decode(payload)).toThrow(expect.objectContaining({ code: 'PAYLOAD_UNREADABLE', message }))
  })

  it('reads past a byte order mark, as Windows tools write one', () => {
    expect(json.decode(bytes(0xef, 0xbb, 0xbf, 0x31))).toBe(1)
  })

  it.each([[undefined], [() => {}], [10n]])('json refuses to write %s', (value) => {
    expect(() => json.encode(value)).toThrow(expect.objectContaining({ code: 'PAYLOAD_UNWRITABLE' }))
  })
})
