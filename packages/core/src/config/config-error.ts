import { ButlerError } from '../errors.js'

/** One thing wrong with a program's settings. Never holds a value. */
export interface ConfigIssue {
  /** The setting, or the path of a file that could not be read. */
  readonly name: string
  readonly message: string
}

/** Settings are missing or wrong: all of them at once, by name, none with its value. Throw it for rules between settings, too. */
export class ConfigError extends ButlerError<'CONFIG_INVALID'> {
  override readonly name = 'ConfigError'
  readonly issues: readonly ConfigIssue[]

  constructor(issues: readonly ConfigIssue[]) {
    super('CONFIG_INVALID', ['settings are missing or wrong', ...issues.map(({ name, message }) => `  ${name}: ${message}`)].join('\n'))
    this.issues = issues
  }
}
