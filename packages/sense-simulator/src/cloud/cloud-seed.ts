import { validate } from '@butlerkit/core'
import * as z from 'zod'
import { isGuid } from '../guid.js'
import { durationOf } from '../scheduler/run-script.js'

/** Something that happens to a reload; the last four end it. */
export type CloudReloadEvent = 'queued' | 'started' | 'success' | 'failed' | 'canceled' | 'exceededLimit'

/** One step of a scripted reload: something happens, or time passes. */
export type CloudReloadStep = CloudReloadEvent | `${number}ms` | `${number}s` | `${number}m`

/** An app and what its reloads do. */
export interface CloudAppSeed {
  readonly name: string
  /** GUID. @defaultValue made up, the same in every run with the same `seedNumber` */
  readonly id?: string
  readonly description?: string
  /** @defaultValue a personal app */
  readonly spaceId?: string
  /**
   * The first reload plays the first script, and so on, and the last again and again. One without an ending goes on until it is canceled.
   *
   * @defaultValue [['queued', '1s', 'started', '2s', 'success']]
   */
  readonly reloads?: readonly (readonly CloudReloadStep[])[]
  /** Lines. @defaultValue two lines */
  readonly scriptLog?: readonly string[]
}

/** Who is told of finished reloads. */
export interface CloudWebhookSeed {
  readonly url: string
  /** Deliveries are signed with it. @defaultValue they are not signed */
  readonly secret?: string
}

/** What is on a tenant. */
export interface CloudSeed {
  readonly apps?: readonly CloudAppSeed[]
  readonly webhooks?: readonly CloudWebhookSeed[]
  /** How many reloads go on at once; the others are queued, as are those of an app that is being reloaded. @defaultValue no limit */
  readonly maxConcurrentReloads?: number
}

const endings: readonly string[] = ['success', 'failed', 'canceled', 'exceededLimit']
const events: readonly string[] = ['queued', 'started', ...endings]

const name = z.string().min(1).max(500)
const step = z.custom<CloudReloadStep>(
  (value) => typeof value === 'string' && (events.includes(value) || durationOf(value) !== undefined),
  'not a step: use queued, started, success, failed, canceled, exceededLimit, or a time such as 500ms, 2s, 1m',
)
const script = z
  .array(step)
  .min(1)
  .refine((steps) => !steps.slice(0, -1).some((each) => endings.includes(each)), 'nothing can follow the end of a reload')

const cloudSchema: z.ZodType<CloudSeed> = z.strictObject({
  apps: z
    .array(
      z.strictObject({
        name,
        id: z.string().refine(isGuid, 'not a GUID').exactOptional(),
        description: z.string().exactOptional(),
        spaceId: name.exactOptional(),
        reloads: z.array(script).min(1).exactOptional(),
        scriptLog: z.array(z.string()).exactOptional(),
      }),
    )
    .exactOptional(),
  webhooks: z.array(z.strictObject({ url: z.url(), secret: z.string().min(1).exactOptional() })).exactOptional(),
  maxConcurrentReloads: z.int().min(1).exactOptional(),
})

/**
 * Checks what is on a tenant.
 *
 * @throws `SchemaError` `SCHEMA_MISMATCH` naming each issue by its path
 */
export function parseCloud(value: unknown): CloudSeed {
  // The schema is synchronous, so `validate` is too.
  return validate(cloudSchema, value, 'cloud') as CloudSeed
}
