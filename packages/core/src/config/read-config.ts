import type { SchemaOutput } from '../schema.js'
import type { AnySchema } from '../topic/topic.js'
import { checkSetting } from './check-setting.js'
import { ConfigError } from './config-error.js'
import { fromEnvironment, fromFile } from './sources.js'

/** The settings of a program: the name of each, as in the environment, with any Standard Schema that answers at once. */
export type Settings = Readonly<Record<string, AnySchema>>

/** The values of settings, by the same names. */
export type Config<S extends Settings> = { readonly [Name in keyof S]: SchemaOutput<S[Name]> }

/** Where settings are read from. */
export interface ConfigOptions {
  /** Wins over files. An empty variable counts as not set. @defaultValue process.env */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Paths of JSON files, each one object of settings by name; a later one wins. All must exist. @defaultValue none */
  readonly files?: readonly string[]
  /** Environment variables that begin with this are this program's: one that is no setting is an error, as a typing slip. @defaultValue none */
  readonly prefix?: string
}

/**
 * Reads a program's settings from the environment and from JSON files, each through its schema. A setting marked with `secret` may instead
 * be the content of a file named by the variable `<NAME>_FILE`, as Docker and Kubernetes mount them; a line break at its end is dropped.
 *
 * What comes from the environment is text: `z.coerce.number()` makes a number of it.
 *
 * @throws {@link ConfigError} `CONFIG_INVALID` with everything that is missing or wrong, by name, without values
 * @example
 * ```ts
 * const config = readConfig({ MQTT_URL: z.url(), SLACK_WEBHOOK: secret(z.url()), PORT: z.coerce.number().default(8080) })
 * const slack = slackNotifier({ webhookUrl: config.SLACK_WEBHOOK.reveal() })
 * ```
 */
export function readConfig<const S extends Settings>(settings: S, options: ConfigOptions = {}): Config<S> {
  const { env = process.env, files = [], prefix } = options
  const given = [...files.map((path) => fromFile(settings, path)), fromEnvironment(settings, env, prefix)]
  const issues = given.flatMap((source) => source.issues)
  const values = new Map(given.flatMap((source) => [...source.values]))
  const config = new Map<string, unknown>()
  for (const [name, schema] of Object.entries(settings)) {
    // What could not even be read has its issue already.
    if (issues.some((issue) => issue.name === name)) continue
    const checked = checkSetting(schema, values.get(name))
    if ('value' in checked) config.set(name, checked.value)
    else issues.push(...checked.messages.map((message) => ({ name, message })))
  }
  if (issues.length > 0) throw new ConfigError(issues)
  return Object.freeze(Object.fromEntries(config)) as Config<S>
}
