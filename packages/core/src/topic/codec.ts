import { isAscii, isUtf8 } from 'node:buffer'
import { ButlerError, messageOf } from '../errors.js'

/** How a payload's value becomes bytes and back. Open for more: an object of this shape is a codec. */
export interface Codec<Value = unknown> {
  readonly name: string
  /** Media type sent along where the transport can carry one. */
  readonly contentType: string
  encode(value: Value): Uint8Array
  /** @throws {@link CodecError} `PAYLOAD_UNREADABLE` when the bytes are not of this kind */
  decode(bytes: Uint8Array): Value
}

/** A payload's bytes are not what the codec reads, or a value is not one it writes. */
export class CodecError extends ButlerError<'PAYLOAD_UNREADABLE' | 'PAYLOAD_UNWRITABLE'> {
  override readonly name = 'CodecError'
}

const byteOrderMark = 0xfeff
// Of a Buffer, but they serve any bytes; several times as fast as a TextDecoder with `fatal`.
const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as Record<
  'latin1Slice' | 'utf8Slice',
  (start: number, end: number) => string
>
/** From here on it pays to ask for ASCII first, which is twice as fast to read. */
const longBytes = 1_024
const replacement = '\ufffd'

/** UTF-8 text. Bytes that are no UTF-8 are an error, not U+FFFD. */
export const text: Codec<string> = {
  name: 'text',
  contentType: 'text/plain; charset=utf-8',
  // Several times as fast as a TextEncoder.
  encode: (value) => Buffer.from(value),
  decode(bytes) {
    const { byteLength } = bytes
    if (byteLength >= longBytes && isAscii(bytes)) return latin1Slice.call(bytes, 0, byteLength)
    const decoded = utf8Slice.call(bytes, 0, byteLength)
    // What is no UTF-8 becomes U+FFFD, so only where that is found it has to be asked whether it was sent.
    if (decoded.includes(replacement) && !isUtf8(bytes)) throw new CodecError('PAYLOAD_UNREADABLE', 'payload is not UTF-8 text')
    return decoded.charCodeAt(0) === byteOrderMark ? decoded.slice(1) : decoded
  },
}

/** JSON in UTF-8, the default. A value that JSON cannot carry (`undefined`, a function, a cycle, a BigInt) is refused. */
export const json: Codec = {
  name: 'json',
  contentType: 'application/json',
  encode(value) {
    const written = stringify(value)
    if (written === undefined) throw new CodecError('PAYLOAD_UNWRITABLE', `JSON cannot carry ${typeof value}`)
    return Buffer.from(written)
  },
  decode(bytes) {
    const read = text.decode(bytes)
    try {
      return JSON.parse(read)
    } catch {
      // The parser's own message quotes the payload, which may hold a secret.
      throw new CodecError('PAYLOAD_UNREADABLE', read === '' ? 'payload is empty, not JSON' : 'payload is not JSON')
    }
  },
}

/** The bytes as they are. */
export const binary: Codec<Uint8Array> = {
  name: 'binary',
  contentType: 'application/octet-stream',
  encode: (value) => value,
  decode: (bytes) => bytes,
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw new CodecError('PAYLOAD_UNWRITABLE', messageOf(cause), { cause })
  }
}
