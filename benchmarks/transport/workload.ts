/** What all parts of the benchmark agree on. */

export interface Workload {
  readonly qos: 0 | 1 | 2
  /** Size of a payload, which is JSON. */
  readonly bytes: number
  /** Messages that are measured. */
  readonly count: number
  /** Messages before them, as fast as there is room, until V8 is through compiling. */
  readonly warm: number
  /** Messages per second; 0 for as many as there is room for. */
  readonly rate: number
}

export const taskId = 'f2c7a3f0-6d1b-4a53-9a4e-0a6c1f7f3f10'
export const topicName = `qliksense/lab/task/${taskId}/done`

/** Twenty routes, of which one matches. */
export const filters = [
  'qliksense/+/task/+/done',
  'qliksense/+/task/+/failed',
  'qliksense/+/task/+/started',
  'qliksense/+/start_task/+',
  'qliksense/+/health',
  'qliksense/+/license/#',
  'qliksense/+/session/+/opened',
  'qliksense/+/session/+/closed',
  'qliksense/lab/note/#',
  'qliksense/prod/note/#',
  'butler/+/status',
  'butler/+/restart',
  'sense/task/+/failed',
  'sense/user/+/connected',
  'sense/engine/+/memory',
  'sense/engine/+/cpu',
  'files/+/copied',
  'files/+/moved',
  'keys/+/+',
  'scheduler/+/started',
] as const

/** A payload of the size asked for; its first field is a time in nanoseconds of the machine's own clock. */
export function payloadOf(bytes: number, now = 0n): string {
  const time = now.toString().padStart(20, '0')
  const bare = `{"at":"${time}","status":"success","seconds":12.5,"log":""}`
  return `${bare.slice(0, -2)}${'x'.repeat(Math.max(0, bytes - bare.length))}"}`
}

export function readWorkload(): Workload & { readonly port: number; readonly peer: string } {
  return JSON.parse(process.argv[2] ?? '{}') as Workload & { readonly port: number; readonly peer: string }
}
