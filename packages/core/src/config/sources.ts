import { readFileSync } from 'node:fs'
import type { ConfigIssue } from './config-error.js'
import type { Settings } from './read-config.js'
import { isSecret } from './secret.js'

/** What one source gave: values by name, unchecked, and what is wrong with the source. */
export interface Given {
  readonly values: Map<string, unknown>
  readonly issues: ConfigIssue[]
}

/** One JSON file. */
export function fromFile(settings: Settings, path: string): Given {
  const given: Given = { values: new Map(), issues: [] }
  try {
    const object = parseObject(readFileSync(path, 'utf8'))
    for (const [name, value] of Object.entries(object)) {
      if (Object.hasOwn(settings, name)) given.values.set(name, value)
      else given.issues.push({ name, message: `in ${path}, is not a setting of this program` })
    }
  } catch (error) {
    given.issues.push({ name: path, message: whyUnreadable(error) })
  }
  return given
}

/** The environment, and the files that its `<NAME>_FILE` variables name. */
export function fromEnvironment(settings: Settings, env: Readonly<Record<string, string | undefined>>, prefix: string | undefined): Given {
  const given: Given = { values: new Map(), issues: [] }
  const known = new Set(Object.keys(settings))
  const variable = (name: string) => (Object.hasOwn(env, name) && env[name]) || undefined
  for (const [name, schema] of Object.entries(settings)) {
    const pointer = `${name}_FILE`
    // A program may have a setting of that very name; then it points nowhere.
    const path = isSecret(schema) && !Object.hasOwn(settings, pointer) ? variable(pointer) : undefined
    const value = variable(name)
    if (path !== undefined) readSecretFile(name, pointer, path)
    else if (value !== undefined) given.values.set(name, value)
  }
  const mistyped = Object.keys(env).filter((name) => prefix !== undefined && name.startsWith(prefix) && variable(name) && !known.has(name))
  given.issues.push(...mistyped.map((name) => ({ name, message: 'is not a setting of this program' })))
  return given

  function readSecretFile(name: string, pointer: string, path: string): void {
    known.add(pointer)
    if (variable(name)) return void given.issues.push({ name, message: `given twice, the other time by ${pointer}` })
    try {
      given.values.set(name, readFileSync(path, 'utf8').replace(/\r?\n$/, ''))
    } catch (error) {
      // Without the path: somebody may have put the secret itself there.
      given.issues.push({ name, message: `the file that ${pointer} names ${whyUnreadable(error)}` })
    }
  }
}

// The parser's own message quotes the file.
function parseObject(content: string): object {
  const value: unknown = JSON.parse(content)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('not an object')
  return value
}

function whyUnreadable(error: unknown): string {
  if (error instanceof SyntaxError) return 'does not hold one JSON object'
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
  return `cannot be read${code}`
}
