import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { SenseError } from '../errors.js'
import { optional, toDate } from '../qrs/fields.js'
import { WebhookError } from './errors.js'

/** What a webhook tells of. */
export interface WebhookEvent {
  /** Such as `com.qlik.v1.reload.finished`. */
  readonly type: string
  /** The event's own id: the same when a delivery is repeated. */
  readonly id: string | undefined
  /** Such as `com.qlik/reloads`. */
  readonly source: string | undefined
  readonly at: Date | undefined
  readonly tenantId: string | undefined
  /** What is particular to the type, unchecked: of a finished reload `id`, `appId`, `status`, `errorMessage` and so on. */
  readonly data: Readonly<Record<string, unknown>>
}

const eventWire = z.object({
  type: optional(z.string()),
  id: optional(z.string()),
  source: optional(z.string()),
  time: optional(z.string()),
  tenantid: optional(z.string()),
  data: optional(z.record(z.string(), z.unknown())),
  // As it was before CloudEvents 1.0, and still is for some types.
  eventType: optional(z.string()),
  eventId: optional(z.string()),
  eventTime: optional(z.string()),
  extensions: optional(z.object({ tenantId: optional(z.string()) })),
})

/**
 * Makes sure that a webhook's delivery is from Qlik Cloud, and reads it. A delivery may be repeated, and replayed: its `id` tells.
 *
 * @param body - the request's body as it came, before anything has parsed it; `undefined` for none
 * @param signature - the header `Qlik-Signature`: HMAC-SHA256 of the body in hexadecimal digits
 * @param secret - the webhook's secret; several while it is being changed
 * @throws {@link WebhookError} `WEBHOOK_SIGNATURE` for a signature that is missing or not right, `WEBHOOK_BODY` for a body that is no event
 * @throws {@link SenseError} `SENSE_OPTION` for a secret that is empty, or a body that has been parsed
 * @see qlik.dev: Verify webhook signatures using HMAC
 */
export function verifyWebhook(
  body: string | Uint8Array | undefined,
  signature: string | readonly string[] | undefined,
  secret: string | readonly string[],
): WebhookEvent {
  const secrets = typeof secret === 'string' ? [secret] : secret
  if (secrets.length === 0 || secrets.includes('')) throw new SenseError('SENSE_OPTION', 'the secret of the webhook is empty')
  const bytes = body ?? ''
  if (typeof bytes !== 'string' && !(bytes instanceof Uint8Array))
    throw new SenseError('SENSE_OPTION', 'the body must be as it came: use express.raw, not express.json')
  if (typeof signature !== 'string') throw new WebhookError('WEBHOOK_SIGNATURE', 'there is no one Qlik-Signature on the delivery')
  if (!/^[0-9a-f]{64}$/i.test(signature)) throw new WebhookError('WEBHOOK_SIGNATURE', 'the signature has not the form of one')
  const given = Buffer.from(signature, 'hex')
  const isSigned = secrets.some((each) => timingSafeEqual(createHmac('sha256', each).update(bytes).digest(), given))
  if (!isSigned) throw new WebhookError('WEBHOOK_SIGNATURE', 'the signature is not right: another secret, or another body')
  return toEvent(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString())
}

function toEvent(text: string): WebhookEvent {
  const event = eventWire.safeParse(parse(text)).data
  const type = event?.type ?? event?.eventType
  if (event === undefined || !type) throw new WebhookError('WEBHOOK_BODY', 'the delivery is signed, but is no event')
  return {
    type,
    id: event.id ?? event.eventId ?? undefined,
    source: event.source ?? undefined,
    at: toDate(event.time ?? event.eventTime),
    tenantId: event.tenantid ?? event.extensions?.tenantId ?? undefined,
    data: event.data ?? {},
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
