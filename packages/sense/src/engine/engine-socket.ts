import type { SecureContext } from 'node:tls'
import { messageOf, type Clock } from '@butlerkit/core'
import type { WebSocket } from 'ws'
import { withoutProof, type ProofHeaders } from '../auth/identity.js'
import { codeOf, tlsHint } from '../http/failure.js'
import { joinSignals } from '../signals.js'
import { EngineError } from './engine-error.js'

/** Where and how to connect. */
export interface EngineSocketOptions {
  /** `wss://…`; query included. */
  readonly url: string
  readonly headers: ProofHeaders
  readonly secureContext: SecureContext
  readonly servername: string | undefined
  /** Longest wait for the engine to say that the session is there, in milliseconds. */
  readonly timeoutMs: number
  readonly pingMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

/** A websocket on which the engine has said that the session is there. */
export interface EngineSocket {
  /** Aborted with an {@link EngineError} once the connection is over, whoever ended it. */
  readonly over: AbortSignal
  /** What enigma.js takes for a browser's WebSocket. */
  readonly forEnigma: EnigmaSocket
  /** To be called once enigma.js listens; it then hears everything from the first frame on. */
  start(): void
  /** Ends the session and waits for it. May be called twice; never throws. */
  close(): Promise<void>
}

/** As much of a WebSocket as enigma.js uses. */
export interface EnigmaSocket {
  readonly OPEN: number
  readonly readyState: number
  onopen: (() => void) | undefined
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | undefined
  onerror: ((event: unknown) => void) | undefined
  onmessage: ((event: { readonly data: string }) => void) | undefined
  send(text: string): void
  close(code?: number, reason?: string): void
}

const closeTimeoutMs = 2_000

/** Session states in which there is a session. */
const goodStates = new Set(['SESSION_CREATED', 'SESSION_ATTACHED'])
/** The code of the first close frame of ours. */
const normalClosure = 1000

/**
 * Connects, and waits until the engine says that the session is there.
 *
 * @throws {@link EngineError}, or the signal's reason
 */
export async function openEngineSocket(options: EngineSocketOptions): Promise<EngineSocket> {
  const { url, headers, secureContext, servername, timeoutMs, pingMs, clock, signal } = options
  signal?.throwIfAborted()
  // Loaded when first needed: most programs never speak to the engine.
  const { WebSocket: Socket } = await import('ws')
  const tls = { secureContext, rejectUnauthorized: true, ...(servername !== undefined && { servername }) }
  const socket = new Socket(url, { ...tls, headers, perMessageDeflate: false })
  const over = new AbortController()
  const earlier: string[] = []
  let hear: (text: string) => void = (text) => void earlier.push(text)
  const forEnigma = toEnigmaSocket(socket)

  socket.on('close', (code, reason) => {
    endWith(new EngineError('ENGINE_CLOSED', `the connection to the engine was closed (${code}${toNote(reason)})`, { transient: true }))
    forEnigma.onclose?.({ code, reason: reason.toString() })
  })
  // A close follows; without a listener the error would end the process.
  socket.on('error', () => {})
  socket.on('message', (data: Buffer) => {
    const text = data.toString()
    const fatal = fatalNotice(text)
    if (fatal !== undefined) endWith(fatal)
    hear(text)
  })

  await untilSession()
  const stopPings = keepAlive(socket, pingMs, clock, () => {
    endWith(new EngineError('ENGINE_CLOSED', `nothing came from the engine for ${2 * pingMs} ms`, { transient: true }))
    socket.terminate()
  })
  over.signal.addEventListener('abort', stopPings, { once: true })

  let closing: Promise<void> | undefined
  return {
    over: over.signal,
    forEnigma,
    start() {
      forEnigma.onopen?.()
      hear = (text) => deliver(text)
      for (const text of earlier.splice(0)) hear(text)
    },
    close: () => (closing ??= close()),
  }

  function deliver(text: string): void {
    try {
      forEnigma.onmessage?.({ data: text })
    } catch {
      // enigma.js parses without a guard, and would take the process with it.
      endWith(garbage(text))
    }
  }

  function endWith(error: EngineError): void {
    if (over.signal.aborted) return
    over.abort(error)
    socket.close()
  }

  async function untilSession(): Promise<void> {
    const life = joinSignals(signal, over.signal)
    const cancel = clock.schedule(() => {
      life.abort(new EngineError('ENGINE_TIMEOUT', `the engine did not begin a session in ${timeoutMs} ms`, { transient: true }))
    }, timeoutMs)
    try {
      await new Promise<void>((resolve, reject) => {
        life.signal.addEventListener('abort', () => reject(life.signal.reason), { once: true })
        socket.once('error', (error) => reject(fromConnectFailure(error)))
        socket.once('unexpected-response', (request, response) => {
          reject(fromUpgrade(response.statusCode ?? 0))
          request.destroy()
        })
        const look = (text: string) => {
          earlier.push(text)
          const { method, params } = parseNotification(text)
          if (method === 'OnAuthenticationInformation' && params['mustAuthenticate'] === true) {
            reject(new EngineError('ENGINE_AUTH', 'the engine wants a login'))
          }
          if (method !== 'OnConnected') return
          const state = String(params['qSessionState'])
          if (goodStates.has(state)) resolve()
          else reject(fromState(state))
        }
        hear = look
      })
      hear = (text) => void earlier.push(text)
    } catch (error) {
      socket.terminate()
      if (error instanceof EngineError) throw withoutHeaders(error, headers)
      throw error
    } finally {
      cancel()
      life.release()
    }
  }

  async function close(): Promise<void> {
    const isGone = new Promise<void>((resolve) => (socket.readyState === socket.CLOSED ? resolve() : socket.once('close', () => resolve())))
    if (!over.signal.aborted) over.abort(new EngineError('ENGINE_CLOSED', 'the session with the engine was closed'))
    socket.close(normalClosure)
    // On the machine's clock: this is about a peer that is gone, not about what it does.
    const timer = setTimeout(() => socket.terminate(), closeTimeoutMs)
    await isGone
    clearTimeout(timer)
  }
}

function toEnigmaSocket(socket: WebSocket): EnigmaSocket {
  return {
    OPEN: socket.OPEN,
    get readyState() {
      return socket.readyState
    },
    onopen: undefined,
    onclose: undefined,
    onerror: undefined,
    onmessage: undefined,
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
  }
}

/** Pings now and then: proxies cut what is silent, and a peer that answers none is gone. */
function keepAlive(socket: WebSocket, pingMs: number, clock: Clock, onSilence: () => void): () => void {
  let heard = true
  let cancel = () => {}
  const hear = () => void (heard = true)
  socket.on('pong', hear).on('message', hear)
  const beat = () => {
    if (!heard) return onSilence()
    heard = false
    socket.ping()
    cancel = clock.schedule(beat, pingMs)
  }
  cancel = clock.schedule(beat, pingMs)
  return () => cancel()
}

function parseNotification(text: string): { readonly method: string | undefined; readonly params: Readonly<Record<string, unknown>> } {
  // Answers can be large, and have no method: they need not be read twice.
  if (!text.slice(0, 200).includes('"method"')) return { method: undefined, params: {} }
  try {
    const { method, params } = JSON.parse(text) as { method?: unknown; params?: unknown }
    return {
      method: typeof method === 'string' ? method : undefined,
      params: typeof params === 'object' && params !== null ? { ...params } : {},
    }
  } catch {
    return { method: undefined, params: {} }
  }
}

/** What a proxy says before it closes: too many sessions, no licence, logged out. */
function fatalNotice(text: string): EngineError | undefined {
  const { method, params } = parseNotification(text)
  if (method === undefined || params['severity'] !== 'fatal') return undefined
  return fromState(method, typeof params['message'] === 'string' ? params['message'] : undefined)
}

function fromState(state: string, message?: string): EngineError {
  const code = /licen[cs]e/i.test(state) ? 'ENGINE_LICENSE' : /ACCESS_DENIED/.test(state) ? 'ENGINE_DENIED' : 'ENGINE_SESSION'
  const transient = /MaxParallelSessions|LIMIT_EXCEEDED|NoEngineAvailable|WebsocketFailed|NoRepository/.test(state)
  const note = message === undefined ? '' : `: ${message.slice(0, 200).replace(/[\p{Cc}\p{Cf}]+/gu, ' ')}`
  return new EngineError(code, `there is no session with the engine: ${state}${note}`, { state, transient })
}

function fromUpgrade(status: number): EngineError {
  if (status === 401 || (status >= 300 && status < 400))
    return new EngineError('ENGINE_AUTH', `the websocket was answered with ${status}, a login is wanted`, { status })
  const hint = status === 403 ? ': no right, or the Origin is not on the host allow-list of the virtual proxy' : ''
  return new EngineError('ENGINE_UPGRADE', `the websocket was refused with ${status}${hint}`, { status, transient: status >= 500 })
}

function fromConnectFailure(cause: Error): EngineError {
  const code = codeOf(cause)
  const hint = tlsHint(code, false)
  if (hint !== undefined)
    return new EngineError('ENGINE_TLS', `TLS to the engine failed with ${code}: ${hint}`, { cause, transient: code === 'ECONNRESET' })
  return new EngineError('ENGINE_UNREACHABLE', `the engine cannot be reached, ${code ?? messageOf(cause)}`, { cause, transient: true })
}

function withoutHeaders(error: EngineError, headers: ProofHeaders): EngineError {
  const clean = withoutProof(error.message, headers)
  if (clean === error.message) return error
  const { code, method, engineCode, parameter, status, state, transient } = error
  return new EngineError(code, clean, { method, engineCode, parameter, status, state, transient })
}

function garbage(text: string): EngineError {
  return new EngineError('ENGINE_CLOSED', `the engine sent ${text.length} characters that are no JSON-RPC`, { transient: true })
}

function toNote(reason: Buffer): string {
  const text = reason.toString().replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
  return text === '' ? '' : `, ${text}`
}
