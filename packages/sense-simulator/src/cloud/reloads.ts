import type { Clock } from '@butlerkit/core'
import { durationOf } from '../scheduler/run-script.js'
import type { CloudAppSeed, CloudReloadEvent, CloudReloadStep } from './cloud-seed.js'

/** A reload as the API shows it, but for its log and links. */
export interface CloudReloadRecord {
  readonly id: string
  readonly appId: string
  readonly tenantId: string
  readonly userId: string
  readonly type: 'hub' | 'external'
  status: 'QUEUED' | 'RELOADING' | 'CANCELING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'EXCEEDED_LIMIT'
  readonly partial: boolean
  readonly weight: number
  readonly creationTime: string
  startTime?: string
  endTime?: string
  engineTime?: string
  errorCode?: string
  errorMessage?: string
}

/** An app on a tenant. */
export interface CloudApp extends CloudAppSeed {
  readonly id: string
  readonly createdAt: string
  /** End of the last reload that brought data. */
  reloadedAt?: string
  reloadStatus?: string
}

/** What is asked of a reload. */
export type CloudReloadRequest = Pick<CloudReloadRecord, 'type' | 'userId'> & Partial<Pick<CloudReloadRecord, 'partial' | 'weight'>>

/** What reloads work with. */
export interface CloudReloadsOptions {
  readonly clock: Clock
  readonly guid: () => string
  readonly tenantId: string
  readonly maxConcurrentReloads: number | undefined
  onFinished(record: CloudReloadRecord): void
}

/** The reloads of a tenant, played on the clock. */
export interface CloudReloads {
  /** The newest first. */
  all(): CloudReloadRecord[]
  find(id: string): CloudReloadRecord | undefined
  start(app: CloudApp, request: CloudReloadRequest): CloudReloadRecord
  /** False for one that is over. */
  cancel(record: CloudReloadRecord): boolean
  /** Ends all timers. */
  close(): void
}

interface Job {
  readonly app: CloudApp
  readonly record: CloudReloadRecord
  readonly steps: readonly CloudReloadStep[]
  isWaiting: boolean
  cancelStep: () => void
}

const defaultSteps: readonly CloudReloadStep[] = ['queued', '1s', 'started', '2s', 'success']
/** How long it takes an engine to stop. */
const cancelMs = 1_000
const endings = { success: 'SUCCEEDED', failed: 'FAILED', canceled: 'CANCELED', exceededLimit: 'EXCEEDED_LIMIT' } as const

/** Makes {@link CloudReloads}. */
export function createCloudReloads({
  clock,
  guid,
  tenantId,
  maxConcurrentReloads = Infinity,
  onFinished,
}: CloudReloadsOptions): CloudReloads {
  const records: CloudReloadRecord[] = []
  const jobs = new Map<string, Job>()
  const begun = new Map<CloudApp, number>()
  const time = () => new Date(clock.now()).toISOString()

  return {
    all: () => records.toReversed(),
    find: (id) => records.find((record) => record.id === id),
    start(app, { type, userId, partial = false, weight = 1 }) {
      const id = guid().replaceAll('-', '').slice(0, 24)
      const record: CloudReloadRecord = {
        id,
        appId: app.id,
        tenantId,
        userId,
        type,
        status: 'QUEUED',
        partial,
        weight,
        creationTime: time(),
      }
      records.push(record)
      const at = begun.get(app) ?? 0
      begun.set(app, at + 1)
      const steps = app.reloads?.[Math.min(at, app.reloads.length - 1)] ?? defaultSteps
      jobs.set(id, { app, record, steps, isWaiting: true, cancelStep: () => {} })
      playNext()
      return record
    },
    cancel(record) {
      const job = jobs.get(record.id)
      if (job === undefined) return false
      job.cancelStep()
      if (record.status === 'QUEUED') end(job, 'canceled')
      else {
        record.status = 'CANCELING'
        job.cancelStep = clock.schedule(() => end(job, 'canceled'), cancelMs)
      }
      return true
    },
    close() {
      for (const job of jobs.values()) job.cancelStep()
    },
  }

  function playNext(): void {
    for (const job of jobs.values()) {
      const active = [...jobs.values()].filter(({ isWaiting }) => !isWaiting)
      if (active.length >= maxConcurrentReloads) return
      if (!job.isWaiting || active.some(({ app }) => app === job.app)) continue
      job.isWaiting = false
      play(job, 0)
    }
  }

  function play(job: Job, from: number): void {
    for (const [offset, step] of job.steps.slice(from).entries()) {
      const delayMs = durationOf(step)
      if (delayMs !== undefined) {
        job.cancelStep = clock.schedule(() => play(job, from + offset + 1), delayMs)
        return
      }
      if (step === 'started') Object.assign(job.record, { status: 'RELOADING', startTime: time() })
      else if (step !== 'queued') end(job, step as Exclude<CloudReloadEvent, 'queued' | 'started'>)
    }
  }

  function end({ app, record }: Job, ending: keyof typeof endings): void {
    Object.assign(record, { status: endings[ending], endTime: time() })
    if (ending === 'success') {
      record.engineTime = time()
      app.reloadedAt = time()
    }
    if (ending === 'failed') Object.assign(record, { errorCode: 'EngineScriptError', errorMessage: 'The load script failed' })
    app.reloadStatus = record.status
    jobs.delete(record.id)
    onFinished(record)
    playNext()
  }
}

/** The short log that goes with a reload. */
export function reloadLog({ id, startTime, endTime, status }: CloudReloadRecord): string | undefined {
  if (startTime === undefined) return undefined
  const end = status === 'SUCCEEDED' ? 'Finished successfully' : 'Finished with error(s)'
  return [`ReloadID: ${id}`, 'Started loading data', ...(endTime === undefined ? [] : [end]), ''].join('\n')
}
