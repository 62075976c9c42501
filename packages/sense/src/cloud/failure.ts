import { messageOf } from '@butlerkit/core'
import { z } from 'zod'
import type { QrsError, QrsErrorCode } from '../errors.js'
import { codeOf, onOneLine } from '../http/failure.js'
import { optional } from '../qrs/fields.js'
import { CloudError, type CloudErrorCode } from './errors.js'

const problemWire = z.object({
  errors: optional(z.array(z.object({ code: optional(z.string()), title: optional(z.string()), detail: optional(z.string()) }))),
  traceId: optional(z.string()),
})

const codes: Readonly<Partial<Record<QrsErrorCode, CloudErrorCode>>> = {
  QRS_UNREACHABLE: 'CLOUD_UNREACHABLE',
  QRS_TIMEOUT: 'CLOUD_TIMEOUT',
  QRS_TLS: 'CLOUD_TLS',
}

/** What the network did to a request, in Qlik Cloud's terms: advice on a site's certificates does not apply. */
export function fromNetwork(error: QrsError): CloudError {
  const { request, sent, transient, cause } = error
  const code = codes[error.code] ?? 'CLOUD_ANSWER'
  const how = codeOf(cause) ?? messageOf(cause)
  const messages: Partial<Record<CloudErrorCode, string>> = {
    CLOUD_UNREACHABLE: `${request}: no answer, ${how}`,
    CLOUD_TLS: `${request}: TLS failed with ${how}: if something between here and Qlik Cloud looks into TLS, give its authority as ca`,
  }
  return new CloudError(code, messages[code] ?? error.message, { request, sent, transient, ...(cause !== undefined && { cause }) })
}

/** Turns an answer's status and text, free of secrets, into a {@link CloudError}. */
export function fromStatus(status: number, text: string, request: string, retryAfterMs: number | undefined): CloudError {
  const { errors, traceId } = toProblem(text)
  const [first] = errors ?? []
  const excerpt = onOneLine(first === undefined ? text : [first.code, first.title, first.detail].filter(Boolean).join(' '))
  const code = status === 401 ? 'CLOUD_AUTH' : status === 403 ? 'CLOUD_FORBIDDEN' : 'CLOUD_STATUS'
  return new CloudError(code, `${request}: ${status} ${excerpt}`.trimEnd(), {
    request,
    status,
    text: excerpt,
    cloudCode: first?.code ?? undefined,
    traceId: traceId ?? undefined,
    sent: true,
    transient: status >= 500 || status === 429,
    retryAfterMs,
  })
}

/** An answer that is not what it should be: what is wrong with it is named, not its content. */
export function fromAnswer(status: number, why: string, request: string, cause?: unknown): CloudError {
  const facts = { request, status, sent: true, transient: false, ...(cause !== undefined && { cause }) }
  return new CloudError('CLOUD_ANSWER', `${request}: the answer cannot be used: ${why}`, facts)
}

function toProblem(text: string): z.output<typeof problemWire> {
  try {
    return problemWire.safeParse(JSON.parse(text)).data ?? {}
  } catch {
    return {}
  }
}
