import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { Schema } from '../schema.js'
import { ConfigError } from './config-error.js'
import { readConfig, type ConfigOptions, type Settings } from './read-config.js'
import { secret, type Secret } from './secret.js'

const folder = mkdtempSync(join(tmpdir(), 'butlerkit-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function schemaOf<T = never>(check: Schema<unknown, T>['~standard']['validate']): Schema<unknown, T> {
  return { '~standard': { version: 1, vendor: 'test', validate: check } }
}

function issuesOf(settings: Settings, options: ConfigOptions): readonly string[] {
  try {
    readConfig(settings, options)
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ name, message }) => `${name}: ${message}`)
    throw error
  }
  return []
}

describe('values', () => {
  it('come from the environment, through their schemas', () => {
    const config = readConfig(
      { URL: z.url(), PORT: z.coerce.number().int(), TASKS: z.string().transform((list) => list.split(',')), NOTE: z.string().optional() },
      { env: { URL: 'mqtt://broker.lab', PORT: '1883', TASKS: 'a,b', OTHER: 'x' } },
    )
    expectTypeOf(config).toEqualTypeOf<{
      readonly URL: string
      readonly PORT: number
      readonly TASKS: string[]
      readonly NOTE: string | undefined
    }>()
    expect(config).toEqual({ URL: 'mqtt://broker.lab', PORT: 1883, TASKS: ['a', 'b'], NOTE: undefined })
  })

  it('come from process.env unless another environment is given', () => {
    const [name, value] = Object.entries(process.env).find(([, text]) => text) ?? ['', '']
    expect(readConfig({ [name]: z.string() })).toEqual({ [name]: value })
  })

  it('come from JSON files, later ones first, and from the environment before those', () => {
    const files = [file('base.json', '{"A":"base","B":"base","C":["base"]}'), file('local.json', '{"B":"local","D":null}')]
    const settings = { A: z.string(), B: z.string(), C: z.array(z.string()), D: z.null() }
    expect(readConfig(settings, { env: { A: 'variable', B: '' }, files })).toEqual({ A: 'variable', B: 'local', C: ['base'], D: null })
  })

  it('fall back to the default where a variable is missing or empty', () => {
    expect(readConfig({ A: z.string().default('a'), B: z.string().default('b') }, { env: { B: '' } })).toEqual({ A: 'a', B: 'b' })
  })

  it('are checked with any Standard Schema', () => {
    const even = schemaOf<number>((text) => (Number(text) % 2 === 0 ? { value: Number(text) } : { issues: [{ message: 'odd' }] }))
    expect(readConfig({ N: even }, { env: { N: '4' } }).N).toBe(4)
    expect(issuesOf({ N: even }, { env: { N: '5' } })).toEqual(['N: odd'])
  })

  it('cannot be changed', () => {
    expect(Object.isFrozen(readConfig({ A: z.string() }, { env: { A: 'a' } }))).toBe(true)
  })

  it('of a name that objects have by birth come from their source only', () => {
    const files = [file('proto.json', '{"__proto__":"own","constructor":"own"}')]
    const settings = { ['__proto__']: z.string(), constructor: z.string(), toString: z.string().optional() }
    expect(Object.entries(readConfig(settings, { env: {}, files }))).toEqual([
      ['__proto__', 'own'],
      ['constructor', 'own'],
      ['toString', undefined],
    ])
  })
})

describe('a secret', () => {
  const settings = { TOKEN: secret(z.string().min(3)) }

  it('comes from its variable, or from the file that <NAME>_FILE names', () => {
    const path = file('token', 'from a file \r\n')
    const config = readConfig(settings, { env: { TOKEN: 'plain' } })
    expectTypeOf(config.TOKEN).toEqualTypeOf<Secret>()
    expect(config.TOKEN.reveal()).toBe('plain')
    expect(readConfig(settings, { env: { TOKEN_FILE: path } }).TOKEN.reveal()).toBe('from a file ')
    expect(readConfig(settings, { env: { TOKEN_FILE: path, TOKEN: '' }, prefix: 'TOKEN' }).TOKEN.reveal()).toBe('from a file ')
  })

  it('wins from a file over a JSON file', () => {
    const options = { env: { TOKEN_FILE: file('token', 'pointed') }, files: [file('token.json', '{"TOKEN":"json"}')] }
    expect(readConfig(settings, options).TOKEN.reveal()).toBe('pointed')
  })

  it('is refused when given twice, or when its file cannot be read', () => {
    const path = file('token', 'text')
    expect(issuesOf(settings, { env: { TOKEN: 'text', TOKEN_FILE: path } })).toEqual(['TOKEN: given twice, the other time by TOKEN_FILE'])
    expect(issuesOf(settings, { env: { TOKEN_FILE: join(folder, 'none') } })).toEqual([
      'TOKEN: the file that TOKEN_FILE names cannot be read (ENOENT)',
    ])
  })

  it('alone may be pointed to, and not where the pointer is a setting itself', () => {
    expect(issuesOf({ LOG: z.string() }, { env: { LOG_FILE: file('log', 'text') } })).toEqual(['LOG: missing'])
    const both = { TOKEN: secret(z.string()), TOKEN_FILE: z.string() }
    const config = readConfig(both, { env: { TOKEN: 'text', TOKEN_FILE: '/var/token' } })
    expect([config.TOKEN.reveal(), config.TOKEN_FILE]).toEqual(['text', '/var/token'])
  })
})

describe('a ConfigError', () => {
  it('names everything that is missing or wrong at once', () => {
    const broken = file('broken.json', '{"A":')
    const list = file('list.json', '[1]')
    const none = join(folder, 'none.json')
    const options = {
      env: { APP_PORT: 'x', APP_PROT: '1', OTHER: 'y' },
      files: [broken, list, none, file('more.json', '{"APP_C":1}')],
      prefix: 'APP_',
    }
    expect(() => readConfig({ APP_URL: z.url(), APP_PORT: z.coerce.number(), APP_OK: z.string().optional() }, options)).toThrow(
      [
        'settings are missing or wrong',
        `  ${broken}: does not hold one JSON object`,
        `  ${list}: does not hold one JSON object`,
        `  ${none}: cannot be read (ENOENT)`,
        `  APP_C: in ${join(folder, 'more.json')}, is not a setting of this program`,
        '  APP_PROT: is not a setting of this program',
        '  APP_URL: missing',
        '  APP_PORT: Invalid input: expected number, received NaN',
      ].join('\n'),
    )
  })

  it('has a code, and tells each issue once with its place', () => {
    const settings = { A: z.array(z.object({ b: z.number() })), C: z.string().min(2, 'short').regex(/x/, 'short') }
    const options = { env: { C: 'c' }, files: [file('nested.json', '{"A":[{"b":1},{"b":"two"}]}')] }
    expect(issuesOf(settings, options)).toEqual(['A: Invalid input: expected number, received string (at 1.b)', 'C: short'])
    expect(() => readConfig(settings, options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', name: 'ConfigError' }))
  })

  it('tells of a schema that throws, or that answers with a promise', () => {
    const settings = {
      THROWS: schemaOf(() => {
        throw new TypeError('no')
      }),
      // A rejection nobody handles would fail the run.
      REJECTS: schemaOf(() => Promise.reject(new Error('late'))),
      ZOD_THROWS: z.string().transform((text) => new URL(text)),
    }
    expect(issuesOf(settings, { env: { ZOD_THROWS: '::' } })).toEqual([
      'THROWS: its schema threw TypeError',
      'REJECTS: its schema threw, or answers with a promise: settings are read at once',
      'ZOD_THROWS: its schema threw, or answers with a promise: settings are read at once',
    ])
  })

  const canary = 'canary-5d21'
  const says = (message: string) => schemaOf(() => ({ issues: [{ message }] }))
  it.each<[what: string, settings: Settings, options: ConfigOptions]>([
    ['a schema that quotes it', { A: says(`Received "${canary}"`) }, { env: { A: canary } }],
    ['a schema that repeats it', { A: says(`${canary} is bad`) }, { env: { A: canary } }],
    [
      'a schema that quotes a part of it',
      { A: says(`["${canary}"] is bad`) },
      { files: [file('part.json', JSON.stringify({ A: { b: [canary] } }))] },
    ],
    ['a schema that throws', { A: z.string().transform((text) => new URL(text)) }, { env: { A: canary } }],
    ['a secret whose schema quotes half of it', { A: secret(says(canary.slice(0, 9))) }, { env: { A: canary } }],
    ['a file that is no JSON', { A: z.string() }, { files: [file('canary.json', canary)] }],
    ['a pointer that is no path but the secret', { A: secret(z.string()) }, { env: { A_FILE: canary } }],
    ['a secret in a mistyped variable', { A: z.string() }, { env: { AB: canary }, prefix: 'A' }],
    ['a secret given twice', { A: secret(z.string()) }, { env: { A: canary, A_FILE: canary } }],
  ])('never holds a value: %s', (_what, settings, options) => {
    const thrown = thrownBy(() => readConfig(settings, { env: {}, ...options }))
    expect(thrown).toBeInstanceOf(ConfigError)
    expect(inspect(thrown, { depth: null, showHidden: true })).not.toContain('canary-')
    expect(JSON.stringify(thrown)).not.toContain('canary-')
  })

  it('keeps a short value where a rule holds the same text, and hides it where it is quoted', () => {
    expect(issuesOf({ A: says('must be 1 to 10, not "1"') }, { env: { A: '1' } })).toEqual(['A: must be 1 to 10, not [value]'])
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
