import { sleep } from '@butlerkit/core'
import type { RequestFault } from '../faults.js'
import type { Answer, SiteRequest } from './answer.js'
import { alter, delayOf } from './disturb.js'
import type { FrontOptions } from './front.js'
import { createHandle } from './handle.js'

/** The global `fetch`, or something that can stand in for it. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Makes a `fetch` that asks the service without a socket. Host and port of the address do not matter. */
export function createInProcessFetch({ activity, clock, ...options }: FrontOptions): Fetch {
  const handle = createHandle(options)
  return async (input, init) => {
    const request = new Request(input, init)
    const { signal } = request
    const over = activity.begin()
    try {
      const asked = await toSiteRequest(request)
      signal.throwIfAborted()
      const outcome = handle(asked)
      if (outcome === 'reset' || (outcome !== 'hang' && outcome.fault?.kind === 'reset')) throw connectionReset()
      const delayMs = outcome === 'hang' ? Infinity : delayOf(outcome.fault, outcome.answer, options.faults.random)
      if (delayMs > 0) {
        // What waits on the clock is not under way.
        over()
        await (delayMs === Infinity ? aborted(signal) : sleep(clock, delayMs, signal))
      }
      if (outcome === 'hang') throw connectionReset()
      return toResponse(outcome.answer, outcome.fault)
    } finally {
      over()
    }
  }
}

async function toSiteRequest(request: Request): Promise<SiteRequest> {
  const { pathname, search } = new URL(request.url)
  const body = request.body === null ? none : Buffer.from(await request.arrayBuffer())
  return { method: request.method, url: pathname + search, headers: Object.fromEntries(request.headers), body }
}

function toResponse(answer: Answer, fault: RequestFault | undefined): Response {
  const { status, headers, body } = fault ? alter(answer, fault) : answer
  return new Response(status === 204 ? null : body, { status, headers })
}

/** As the global `fetch` tells of it. */
function connectionReset(): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) })
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))
}

const none = Buffer.alloc(0)
