import { isIP } from 'node:net'
import { statSync } from 'node:fs'
import { z } from 'zod'

const host = z
  .string()
  .refine((value) => isIP(value) !== 0 || /^[a-z\d.-]+$/i.test(value), 'must be a host name or an IP address, nothing else')

const environment = z
  .object({
    BUTLER_MQTT_URL: z.url({ protocol: /^(mqtts?|wss?)$/, error: 'must be a URL such as mqtts://broker.lab:8883' }),
    BUTLER_SENSE_HOST: host,
    BUTLER_SENSE_CERT_DIR: z
      .string()
      .refine(
        (dir) => statSync(dir, { throwIfNoEntry: false })?.isDirectory(),
        'must be a folder with client.pem, client_key.pem and root.pem',
      ),
    BUTLER_SENSE_USER: z.string().regex(/^[^\\]+\\[^\\]+$/, 'must be DIRECTORY\\user'),
    BUTLER_SENSE_PORT: z.coerce.number('must be a port, 1 to 65535').int().min(1).max(65_535),
    BUTLER_EVENTS_PORT: z.coerce.number('must be a UDP port, 0 to 65535').int().min(0).max(65_535),
    BUTLER_SLACK_WEBHOOK: z.url({ protocol: /^https?$/, error: 'must be the URL of an incoming webhook' }),
    BUTLER_ALLOWED_TASKS: z
      .string()
      .transform((ids) => ids.split(',').map((id) => id.trim()))
      .pipe(z.array(z.guid('must be task ids, separated by commas'))),
  })
  .partial()
  .superRefine((values, context) => {
    const needs = (name: keyof typeof values, because: string) => {
      if (values[name] === undefined) context.addIssue({ code: 'custom', path: [name], message: `is missing: ${because}` })
    }
    if (values.BUTLER_SENSE_HOST) {
      needs('BUTLER_SENSE_CERT_DIR', 'BUTLER_SENSE_HOST needs the client certificate')
      needs('BUTLER_ALLOWED_TASKS', 'without it nobody may start a task there')
      needs('BUTLER_SLACK_WEBHOOK', 'BUTLER_SENSE_HOST makes this a real Butler, which tells real people')
      needs('BUTLER_MQTT_URL', 'BUTLER_SENSE_HOST makes this a real Butler, which needs a real broker')
    } else {
      for (const name of [
        'BUTLER_SENSE_CERT_DIR',
        'BUTLER_SENSE_USER',
        'BUTLER_SENSE_PORT',
        'BUTLER_EVENTS_PORT',
        'BUTLER_ALLOWED_TASKS',
      ] as const) {
        if (values[name] !== undefined) context.addIssue({ code: 'custom', path: [name], message: 'needs BUTLER_SENSE_HOST beside it' })
      }
    }
  })

/** What replaces a stand-in with the real thing. Without `sense` the site is simulated, and the tour runs. */
export interface Settings {
  readonly mqttUrl?: string
  readonly slackWebhook?: string
  readonly sense?: {
    readonly host: string
    readonly port: number
    /** UDP port that Sense's scheduler logs to. */
    readonly eventsPort: number
    readonly certificateDir: string
    readonly user: string
    readonly allowedTasks: readonly string[]
  }
}

/** @throws Error that names every bad variable, never its value */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([name, value]) => name.startsWith('BUTLER_') && value !== ''))
  const { success, data, error } = environment.strict().safeParse(given)
  if (!success) throw new Error([...new Set(error.issues.flatMap(toLines))].join('\n'))
  const { BUTLER_SENSE_HOST, BUTLER_SENSE_CERT_DIR, BUTLER_ALLOWED_TASKS } = data
  return {
    ...(data.BUTLER_MQTT_URL && { mqttUrl: data.BUTLER_MQTT_URL }),
    ...(data.BUTLER_SLACK_WEBHOOK && { slackWebhook: data.BUTLER_SLACK_WEBHOOK }),
    ...(BUTLER_SENSE_HOST &&
      BUTLER_SENSE_CERT_DIR &&
      BUTLER_ALLOWED_TASKS && {
        sense: {
          host: BUTLER_SENSE_HOST,
          port: data.BUTLER_SENSE_PORT ?? 4242,
          eventsPort: data.BUTLER_EVENTS_PORT ?? 9998,
          certificateDir: BUTLER_SENSE_CERT_DIR,
          user: data.BUTLER_SENSE_USER ?? 'INTERNAL\\sa_api',
          allowedTasks: BUTLER_ALLOWED_TASKS,
        },
      }),
  }
}

function toLines(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${key} is not a setting of this program`)
  return [`${String(issue.path[0])} ${issue.message}`]
}
