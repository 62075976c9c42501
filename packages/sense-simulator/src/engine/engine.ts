import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock, Logger } from '@butlerkit/core'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Activity } from '../activity.js'
import type { EngineFault, FaultSource } from '../faults.js'
import { splitUrl } from '../http/answer.js'
import { refuseUpgrade } from '../http/disturb-upgrade.js'
import { parseAppPath, type AppPath } from './app-path.js'
import { createHealthcheck, type Healthcheck } from './healthcheck.js'
import type { EngineWorld } from './method.js'
import { rpcErrors } from './qix-error.js'
import { createRequestQueue, type QixReply, type QixRequest, type RequestQueue } from './request-queue.js'
import { createSessionState, type SessionState } from './session.js'

/** Who connects, and by which way. */
export interface EngineClient {
  /** `DIRECTORY\id`. */
  readonly user: string
  /** Where the proxy lets the user log out; undefined for who comes with a certificate. */
  readonly logoutUri?: string
}

/** What an engine works with. */
export interface EngineOptions {
  readonly world: EngineWorld
  readonly activity: Activity
  readonly faults: FaultSource
  readonly logger: Logger
}

/** The engine service. */
export interface Engine {
  /** Takes over a socket whose client has been let in; 404 where the path is none of an app. */
  connect(request: IncomingMessage, socket: Duplex, head: Buffer, client: EngineClient): void
  /** Tells a client of a proxy that it must log in, and closes the socket. */
  turnAway(request: IncomingMessage, socket: Duplex, head: Buffer, loginUri: string): void
  healthcheck(): Healthcheck
  /** Ends the sessions a user has through a proxy: the proxy has logged the user out. */
  logOut(user: string): void
  /** Ends all sessions, and breaks off their connections. */
  endSessions(): void
  /** Ends all sessions and timers. */
  close(): void
}

interface Session {
  readonly state: SessionState
  readonly queue: RequestQueue
  readonly sockets: Set<WebSocket>
  readonly proxied: boolean
  cancelEnd: () => void
}

/** The most sessions a user has at once through a proxy. */
const maxSessions = 5
/** How long a session stays after its last socket, where the client says nothing. */
const defaultTtlSeconds = 1_800

/** Makes the engine. */
export function createEngine({ world, activity, faults, logger }: EngineOptions): Engine {
  const { clock } = world
  const server = new WebSocketServer({ noServer: true })
  const sessions = new Map<string, Session>()
  const healthcheck = createHealthcheck(clock, () =>
    [...sessions.values()].map(({ state, sockets }) => ({ state, connected: sockets.size > 0 })),
  )

  return {
    connect(request, socket, head, client) {
      const path = parseAppPath(splitUrl(request.url ?? '').path)
      if (path === undefined) return refuseUpgrade(socket, 404)
      server.handleUpgrade(request, socket, head, (ws) => {
        ws.on('error', failed)
        setImmediate(() => welcome(ws, path, client))
      })
    },
    turnAway(request, socket, head, loginUri) {
      server.handleUpgrade(request, socket, head, (ws) => {
        ws.on('error', failed)
        notify(ws, 'OnAuthenticationInformation', { loginUri, mustAuthenticate: true })
        ws.close(1_000)
      })
    },
    healthcheck,
    logOut(user) {
      for (const [key, session] of sessions) {
        if (!session.proxied || session.state.user !== user) continue
        for (const ws of session.sockets) refuse(ws, 'OnSessionLoggedOut', clock)
        end(key, session)
      }
    },
    endSessions,
    close() {
      endSessions()
      server.close()
    },
  }

  function endSessions(): void {
    for (const [key, session] of sessions) {
      for (const ws of session.sockets) ws.terminate()
      end(key, session)
    }
  }

  function welcome(ws: WebSocket, path: AppPath, { user, logoutUri }: EngineClient): void {
    const proxied = logoutUri !== undefined
    const key = `${user}\n${path.id}\n${path.identity ?? ''}`.toLowerCase()
    const known = sessions.get(key)
    if (proxied) {
      const [userDirectory = '', userId = ''] = user.split('\\', 2)
      notify(ws, 'OnAuthenticationInformation', { userId, userDirectory, logoutUri, mustAuthenticate: false })
      if (known === undefined && proxiedSessions(user) >= maxSessions) return refuse(ws, 'OnMaxParallelSessionsExceeded', clock)
    }
    const fault = faults.forMessage('OnConnected')
    if (fault && fault.kind !== 'state') return strike(ws, fault, undefined, clock)
    const session = known ?? begin(key, user, proxied)
    session.cancelEnd()
    session.sockets.add(ws)
    const answered = new Map<string, unknown>()
    ws.on('message', (data) => receive(ws, session, answered, (data as Buffer).toString()))
    ws.on('close', () => leave(ws, key, session, path.ttlSeconds ?? defaultTtlSeconds))
    notify(ws, 'OnConnected', { qSessionState: fault ? fault.state : known ? 'SESSION_ATTACHED' : 'SESSION_CREATED' })
  }

  function begin(key: string, user: string, proxied: boolean): Session {
    const sockets = new Set<WebSocket>()
    // What this session changes itself goes with the reply, which comes first; what others change is pushed.
    const state = createSessionState(user, () => setImmediate(() => push(sockets, state)))
    const session = { state, sockets, proxied, queue: createRequestQueue({ world, session: state, activity, logger }), cancelEnd: () => {} }
    sessions.set(key, session)
    return session
  }

  function leave(ws: WebSocket, key: string, session: Session, ttlSeconds: number): void {
    session.sockets.delete(ws)
    if (session.sockets.size > 0 || sessions.get(key) !== session) return
    if (ttlSeconds === 0) return end(key, session)
    session.cancelEnd = clock.schedule(() => end(key, session), ttlSeconds * 1_000)
  }

  function end(key: string, session: Session): void {
    session.cancelEnd()
    session.state.close()
    sessions.delete(key)
  }

  function proxiedSessions(user: string): number {
    return [...sessions.values()].filter((session) => session.proxied && session.state.user === user).length
  }

  function failed(error: Error): void {
    logger.debug('engine connection failed', { reason: error.message })
  }

  function receive(ws: WebSocket, { queue, sockets }: Session, answered: Map<string, unknown>, data: string): void {
    const request = parseRequest(data)
    if (typeof request === 'number') return send(ws, { id: null, error: { code: request, parameter: '', message: 'Invalid request' } })
    const fault = faults.forMessage(request.method)
    if (fault) return void setImmediate(() => strike(ws, fault, request.id, clock))
    const reply = (frame: QixReply) => {
      send(ws, frame)
      const { change, close } = frame
      if (change !== undefined || close !== undefined)
        for (const other of sockets) if (other !== ws) send(other, { ...(change ? { change } : {}), ...(close ? { close } : {}) })
    }
    queue.add(request, { reply, answered })
  }
}

/** Lets a fault strike instead of a reply, or of the greeting where there is no request. */
function strike(ws: WebSocket, fault: EngineFault, id: number | undefined, clock: Clock): void {
  switch (fault.kind) {
    case 'error': {
      const { code, message = 'Simulated error', parameter = '' } = fault
      return send(ws, { id, error: { code, parameter, message } })
    }
    case 'close':
      return fault.code === 1_006 ? ws.terminate() : ws.close(fault.code)
    case 'garbage':
      return ws.send('<html><body>Bad gateway</body></html>')
    case 'notice':
      return refuse(ws, fault.notice, clock)
    case 'state':
    case 'hang':
  }
}

/** Says why, then closes the socket. */
function refuse(ws: WebSocket, notice: string, clock: Clock): void {
  notify(ws, notice, { severity: 'fatal', timestamp: new Date(clock.now()).toISOString(), message: notice })
  ws.close(1_000)
}

function push(sockets: ReadonlySet<WebSocket>, state: SessionState): void {
  const { change, close } = state.takeStale()
  if (change.length + close.length === 0) return
  for (const ws of sockets) send(ws, { ...(change.length > 0 ? { change } : {}), ...(close.length > 0 ? { close } : {}) })
}

function notify(ws: WebSocket, method: string, params: QixReply): void {
  send(ws, { method, params })
}

function send(ws: WebSocket, frame: QixReply): void {
  if (ws.readyState === ws.OPEN) ws.send(JSON.stringify({ jsonrpc: '2.0', ...frame }))
}

/** A request, or the code of what is wrong with it. */
function parseRequest(data: string): QixRequest | number {
  let parsed: unknown
  try {
    parsed = JSON.parse(data)
  } catch {
    return rpcErrors.parse
  }
  const { id, handle, method, params = [], delta } = (parsed ?? {}) as Partial<QixRequest>
  if (typeof id !== 'number' || typeof handle !== 'number' || typeof method !== 'string') return rpcErrors.invalidRequest
  return { id, handle, method, params, ...(delta === true ? { delta } : {}) }
}
