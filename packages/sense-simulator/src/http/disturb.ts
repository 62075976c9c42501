import type { ServerResponse } from 'node:http'
import type { Clock } from '@butlerkit/core'
import type { RequestFault } from '../faults.js'
import type { Answer } from './answer.js'

/** Where an answer goes, and what may be done to it on the way. */
export interface Delivery {
  readonly response: ServerResponse
  readonly clock: Clock
  /** Breaks the connection off. */
  reset(): void
  /** What waits on the clock is not under way. */
  waiting(): void
  /** A number from 0 to below 1. */
  random(): number
}

/** Sends an answer. */
export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** Sends an answer as a fault has it: late, cut off, in drops, or not at all. The work has been done. */
export function sendDisturbed(delivery: Delivery, answer: Answer, fault: RequestFault): void {
  const { response, clock } = delivery
  switch (fault.kind) {
    case 'delay':
      delivery.waiting()
      response.once(
        'close',
        clock.schedule(() => send(response, answer), delayOf(fault, answer, delivery.random)),
      )
      return
    case 'reset':
      return sendPart(delivery, answer, fault.at)
    case 'drip':
      return drip(delivery, answer, fault)
    case 'truncate':
    case 'contentType':
    case 'miscount':
    case 'limit':
      return send(response, alter(answer, fault))
    case 'answer':
    case 'hang':
      throw new TypeError(`${fault.kind} strikes before the work is done`)
  }
}

/** How long a fault holds an answer up until the whole of it is there, in milliseconds. */
export function delayOf(fault: RequestFault | undefined, { body }: Answer, random: () => number): number {
  if (fault?.kind === 'delay') return fault.ms + Math.floor(random() * (fault.jitterMs ?? 0))
  return fault?.kind === 'drip' ? Math.ceil(Buffer.byteLength(body) / fault.bytes) * fault.everyMs : 0
}

/** An answer as a fault has it, where it is the answer that the fault changes. */
export function alter(answer: Answer, fault: RequestFault): Answer {
  if (fault.kind === 'truncate') return { ...answer, body: half(answer.body) }
  if (fault.kind === 'contentType') return { ...answer, headers: { ...answer.headers, 'content-type': fault.contentType } }
  if (fault.kind === 'miscount') return change(answer, (value) => addTo(value, fault.by))
  if (fault.kind === 'limit') return change(answer, (value) => cut(value, fault.rows))
  return answer
}

function sendPart({ response, reset }: Delivery, { status, headers, body }: Answer, at: 'request' | 'reply' | 'headers' | 'body'): void {
  if (at === 'headers') response.socket?.write(`HTTP/1.1 ${status} OK\r\ncontent-type: appl`, reset)
  else if (at === 'body')
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).write(half(body), () => reset())
  else reset()
}

function drip(
  { response, clock, waiting }: Delivery,
  { status, headers, body }: Answer,
  { bytes, everyMs }: { bytes: number; everyMs: number },
): void {
  const whole = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': whole.length })
  response.flushHeaders()
  waiting()
  let cancel = () => {}
  response.once('close', () => cancel())
  next(0)

  function next(at: number): void {
    if (at >= whole.length) return void response.end()
    response.write(whole.subarray(at, at + bytes))
    cancel = clock.schedule(() => next(at + bytes), everyMs)
  }
}

function half(body: string | Buffer): Buffer {
  const whole = Buffer.from(body)
  return whole.subarray(0, Math.floor(whole.length / 2))
}

/** Changes an answer's JSON; other answers stay as they are. */
function change(answer: Answer, edit: (value: unknown) => unknown): Answer {
  if (answer.status !== 200 || !answer.headers['content-type']?.startsWith('application/json')) return answer
  return { ...answer, body: JSON.stringify(edit(JSON.parse(answer.body.toString()))) }
}

/** What is no count stays as it is. */
function addTo(value: unknown, by: number): unknown {
  const count = (value as { readonly value?: unknown }).value
  return typeof count === 'number' ? { value: count + by } : value
}

/** What is no list stays as it is. */
function cut(value: unknown, rows: number): unknown {
  return Array.isArray(value) ? value.slice(0, rows) : value
}
