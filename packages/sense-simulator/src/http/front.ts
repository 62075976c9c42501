import type { IncomingMessage } from 'node:http'
import type { Clock } from '@butlerkit/core'
import type { Activity } from '../activity.js'
import { send, sendDisturbed, type Delivery } from './disturb.js'
import { createHandle, type HandleOptions } from './handle.js'
import type { RequestHandler } from './https-listener.js'

/** What the requests of a listener go through. */
export interface FrontOptions extends HandleOptions {
  readonly activity: Activity
  readonly clock: Clock
}

/** Answers the requests of a listener: reads the body, and sends what comes of it as faults have it. */
export function createFront({ activity, clock, ...options }: FrontOptions): RequestHandler {
  const handle = createHandle(options)
  return (request, response, reset) => {
    const over = activity.begin()
    response.once('close', over)
    const { method = '', url = '', headers } = request
    const delivery: Delivery = { response, clock, reset, waiting: over, random: options.faults.random }

    readBody(request, (body) => {
      const outcome = handle({ method, url, headers, body })
      if (outcome === 'hang') over()
      else if (outcome === 'reset') reset()
      else if (outcome.fault) sendDisturbed(delivery, outcome.answer, outcome.fault)
      else send(response, outcome.answer)
    })
  }
}

/** Calls back with the whole body, at once where there is none; never for a request that is broken off. */
function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const { method, headers } = request
  if (method === 'GET' || (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)) {
    request.resume()
    return done(none)
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => done(Buffer.concat(chunks)))
}

const none = Buffer.alloc(0)
