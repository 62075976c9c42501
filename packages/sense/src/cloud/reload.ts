import { z } from 'zod'
import { optional, toDate } from '../qrs/fields.js'
import type { ExecutionDetail } from '../qrs/executions.js'
import type { RunStatus } from '../tasks/status.js'
import { toCloudRunStatus } from './status.js'

/** One reload of one app, as Qlik Cloud keeps it. */
export interface CloudReload {
  readonly id: string
  readonly appId: string
  /** `undefined` for a status that is new to us. */
  readonly status: RunStatus | undefined
  /** The same in Qlik Cloud's word: a `CloudReloadStatus`, or one that it has added. */
  readonly rawStatus: string
  /** What began it: `hub`, `external` (this API), `chronos` (a schedule), `automations`, … */
  readonly type: string
  readonly partial: boolean
  readonly userId: string
  readonly createdAt: Date | undefined
  /** When it left the queue. */
  readonly startedAt: Date | undefined
  readonly endedAt: Date | undefined
  /** Why it failed, where Qlik Cloud says so. */
  readonly error: { readonly code: string; readonly message: string } | undefined
}

/** The fields of a reload that we use. */
export const reloadWire = z.object({
  id: z.string(),
  appId: z.string(),
  status: z.string(),
  type: optional(z.string()),
  partial: optional(z.boolean()),
  userId: optional(z.string()),
  creationTime: optional(z.string()),
  startTime: optional(z.string()),
  endTime: optional(z.string()),
  errorCode: optional(z.string()),
  errorMessage: optional(z.string()),
  log: optional(z.string()),
})

/** Our form of a reload. */
export function toReload(wire: z.output<typeof reloadWire>): CloudReload {
  const { errorCode, errorMessage } = wire
  return {
    id: wire.id,
    appId: wire.appId,
    status: toCloudRunStatus(wire.status),
    rawStatus: wire.status,
    type: wire.type ?? '',
    partial: wire.partial ?? false,
    userId: wire.userId ?? '',
    createdAt: toDate(wire.creationTime),
    startedAt: toDate(wire.startTime),
    endedAt: toDate(wire.endTime),
    error: errorCode || errorMessage ? { code: errorCode ?? '', message: errorMessage ?? '' } : undefined,
  }
}

/** What Qlik Cloud noted of a reload: its short log, and why it failed. */
export function toDetails(wire: z.output<typeof reloadWire>): ExecutionDetail[] {
  const { error, endedAt } = toReload(wire)
  const lines = (wire.log ?? '').split(/\r?\n/).filter((line) => line !== '')
  const details = lines.map((message): ExecutionDetail => ({ at: undefined, message }))
  return error === undefined ? details : [...details, { at: endedAt, message: `${error.code} ${error.message}`.trim() }]
}
