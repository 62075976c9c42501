import { createRequire } from 'node:module'
import { abortedCode } from './engine-error.js'
import type { EngineSocket } from './engine-socket.js'

/**
 * An object of the engine as enigma.js makes it: the engine's methods in camel case, each giving a promise. Without types and time limits:
 * the way out for what is not here.
 *
 * @see https://github.com/qlik-oss/enigma.js
 */
export interface EnigmaObject {
  readonly id: string
  readonly handle: number
  readonly type: string
  // eslint-disable-next-line typescript/no-explicit-any -- 336 methods, of which enigma.js knows no types
  readonly [method: string]: any
}

/** A promise of enigma.js, which tells the id of its request. */
export interface EnigmaPromise extends Promise<unknown> {
  readonly requestId?: number
}

/** The engine's schema that raw handles follow: the newest that enigma.js 2.15 has. */
const schemaPath = 'enigma.js/schemas/12.2027.0.json'
/** So often a read is sent again that another change has aborted. */
const abortedRetries = 3

let loading: Promise<{ readonly enigma: EnigmaJS.Enigma; readonly schema: object }> | undefined

/** Opens an enigma.js session on a socket that is connected, and gives the engine's Global. */
export async function openEnigma(socket: EngineSocket): Promise<EnigmaObject> {
  const { enigma, schema } = await (loading ??= load())
  const retries = new WeakMap<object, number>()
  const session = enigma.create({
    schema,
    url: 'wss://engine',
    createSocket: () => socket.forEnigma as never,
    protocol: { delta: false },
    responseInterceptors: [{ onRejected: (_, request, error) => retryAborted(request as unknown as RetriedRequest, error, retries) }],
  })
  const opening = session.open<EnigmaJS.QixObject & EnigmaObject>()
  socket.start()
  return opening
}

interface RetriedRequest {
  readonly id: number
  readonly method: string
  retry(): Promise<Error>
}

/** Reads only: what changes something may have been done. @see enigma.js, Retrying aborted requests */
function retryAborted(request: RetriedRequest, error: Error, retries: WeakMap<object, number>): Promise<Error> {
  const count = retries.get(request) ?? 0
  const isAborted = 'code' in error && error.code === abortedCode && !('enigmaError' in error)
  if (!isAborted || count >= abortedRetries || !/^(?:Get|Evaluate)/.test(request.method)) return Promise.reject(error)
  retries.set(request, count + 1)
  return request.retry()
}

async function load() {
  const { default: enigma } = await import('enigma.js')
  return { enigma, schema: createRequire(import.meta.url)(schemaPath) as object }
}
