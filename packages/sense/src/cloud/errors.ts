import { ButlerError } from '@butlerkit/core'
import { RequestError, type RequestErrorOptions } from '../errors.js'

/** How a request to Qlik Cloud can fail; the package's README says what to do about each. */
export type CloudErrorCode =
  | 'CLOUD_STATUS'
  | 'CLOUD_AUTH'
  | 'CLOUD_FORBIDDEN'
  | 'CLOUD_ANSWER'
  | 'CLOUD_TIMEOUT'
  | 'CLOUD_UNREACHABLE'
  | 'CLOUD_TLS'

/** Facts beside a {@link CloudError}. */
export interface CloudErrorOptions extends RequestErrorOptions {
  readonly cloudCode?: string | undefined
  readonly traceId?: string | undefined
}

/** A request to Qlik Cloud failed. */
export class CloudError extends RequestError<CloudErrorCode> {
  override readonly name = 'CloudError'
  /** Qlik's own code, such as `RELOADS-004` or `HTTP-429`, where the answer has one. */
  readonly cloudCode: string | undefined
  /** What Qlik's support finds the request by, where the answer has it. */
  readonly traceId: string | undefined

  constructor(code: CloudErrorCode, message: string, { cloudCode, traceId, ...options }: CloudErrorOptions) {
    super(code, message, options)
    this.cloudCode = cloudCode
    this.traceId = traceId
  }
}

/** A webhook's delivery is not from Qlik Cloud, or is none. The delivery itself is not kept. */
export class WebhookError extends ButlerError<'WEBHOOK_SIGNATURE' | 'WEBHOOK_BODY'> {
  override readonly name = 'WebhookError'
}
