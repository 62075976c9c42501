import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createCertificateAuthority } from '@butlerkit/sense-simulator'
import { WebSocketServer, type WebSocket } from 'ws'

/** A call as it came. */
export interface EngineCall {
  readonly id: number
  readonly method: string
  readonly handle: number
  readonly params: readonly unknown[]
}

/** An engine that does as the test says. */
export interface EngineServer extends AsyncDisposable {
  readonly port: number
  /** The authority that signed its certificate, as PEM. */
  readonly ca: string
  /** Every call of a method, in all sessions, oldest first. */
  readonly calls: readonly EngineCall[]
  readonly upgrades: readonly IncomingMessage[]
  /** Resolves with the next call of a method. */
  called(method: string): Promise<EngineCall>
  /** Resolves once nobody is connected. */
  deserted(): Promise<void>
}

/** How an {@link EngineServer} behaves. */
export interface EngineServerOptions {
  /** HTTP status to refuse websockets with. @defaultValue none */
  readonly refuse?: number
  /** What comes first. @defaultValue OnConnected with SESSION_CREATED */
  readonly greetings?: readonly unknown[]
  /** The answer's `result`, an `error`, or nothing at all for `undefined`. `OpenDoc` is answered with a document by itself. */
  answer?(call: EngineCall, socket: WebSocket): { readonly result: unknown } | { readonly error: object } | undefined
  /** Answers plain requests. */
  http?(request: IncomingMessage): { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** Whether pings are answered. @defaultValue true */
  readonly pong?: boolean
}

/** Tells that there is a session. */
export const connected = { jsonrpc: '2.0', method: 'OnConnected', params: { qSessionState: 'SESSION_CREATED' } }

/** Starts an {@link EngineServer} on a free port. */
export async function startEngine(options: EngineServerOptions = {}): Promise<EngineServer> {
  const { refuse, greetings = [connected], pong = true } = options
  const authority = await createCertificateAuthority()
  const server = createServer(await authority.issue({ commonName: 'engine', hosts: ['127.0.0.1'] }), (request, response) => {
    const { status, headers = {}, body = '' } = options.http?.(request) ?? { status: 404 }
    response.writeHead(status, headers).end(body)
  })
  const sockets = new WebSocketServer({ noServer: true, autoPong: pong })
  const calls: EngineCall[] = []
  const upgrades: IncomingMessage[] = []
  const waiting: { readonly method: string; readonly resolve: (call: EngineCall) => void }[] = []
  server.on('upgrade', (request, socket, head) => {
    upgrades.push(request)
    if (refuse !== undefined) {
      socket.end(`HTTP/1.1 ${refuse} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (websocket) => {
      for (const greeting of greetings) websocket.send(typeof greeting === 'string' ? greeting : JSON.stringify(greeting))
      websocket.on('message', (data: Buffer) => {
        const call = JSON.parse(data.toString()) as EngineCall
        calls.push(call)
        for (const wait of waiting.splice(0))
          if (wait.method === call.method) wait.resolve(call)
          else waiting.push(wait)
        const answer =
          options.answer?.(call, websocket) ??
          (call.method === 'OpenDoc' ? { result: { qReturn: { qType: 'Doc', qHandle: 1, qGenericId: 'x' } } } : undefined)
        if (answer !== undefined) websocket.send(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...answer }))
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    ca: authority.ca,
    calls,
    upgrades,
    called: (method) => new Promise((resolve) => void waiting.push({ method, resolve })),
    async deserted() {
      await Promise.all([...sockets.clients].map((websocket) => once(websocket, 'close')))
    },
    async [Symbol.asyncDispose]() {
      for (const websocket of sockets.clients) websocket.terminate()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
