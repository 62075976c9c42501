import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@butlerkit/core'
import { createVirtualClock } from '@butlerkit/core/testing'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly message: { readonly text: string; readonly blocks: readonly { readonly type: string }[] }
}

/** An answer as data, or a function that answers, or does not. */
export type Step = { status: number; body?: string; headers?: Record<string, string> } | ((response: ServerResponse) => void)

/** A stand-in for Slack's webhook on a free port: answers each post with the next step, the last one for good. */
export async function openStandIn(...steps: readonly Step[]) {
  const received: Received[] = []
  const arrivals: (() => void)[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const step = steps[Math.min(received.length, steps.length - 1)] ?? { status: 200, body: 'ok' }
      received.push({ path: request.url ?? '', headers: request.headers, message: JSON.parse(Buffer.concat(chunks).toString()) })
      if (typeof step === 'function') step(response)
      else response.writeHead(step.status, step.headers).end(step.body ?? 'ok')
      for (const arrived of arrivals.splice(0)) arrived()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    received,
    url: `http://127.0.0.1:${port}/services/T0CANARY/B0CANARY/s3cr3tCANARY`,
    /** Resolves with the next post. */
    arrival: () => new Promise<void>((resolve) => arrivals.push(resolve)),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A virtual clock that tells when somebody begins to wait: the network beneath takes real time, so a test cannot know otherwise. */
export function createWatchedClock() {
  const virtual = createVirtualClock()
  const unseen: number[] = []
  const watchers: { readonly delayMs: number; readonly resolve: () => void }[] = []
  const clock: Clock = {
    now: () => virtual.now(),
    schedule(callback, delayMs) {
      const cancel = virtual.schedule(callback, delayMs)
      const index = watchers.findIndex((watcher) => watcher.delayMs === delayMs)
      if (index === -1) unseen.push(delayMs)
      else watchers.splice(index, 1)[0]?.resolve()
      return cancel
    },
  }
  return {
    clock,
    virtual,
    /** Resolves once somebody has begun to wait for so many milliseconds: once for each wait, also one begun before the question. */
    waiting: (delayMs: number) =>
      new Promise<void>((resolve) => {
        const index = unseen.indexOf(delayMs)
        if (index === -1) watchers.push({ delayMs, resolve })
        else {
          unseen.splice(index, 1)
          resolve()
        }
      }),
  }
}
