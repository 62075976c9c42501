import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { appWire } from './apps.js'
import { boxedText } from './fields.js'
import { lookOnly } from './look-only.js'
import { reloadTaskWire } from './reload-tasks.js'
import { userWire } from './users.js'

const id = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'
const app = {
  id,
  name: 'Sales',
  description: null,
  published: true,
  stream: { id, name: 'Everyone', privileges: null },
  owner: { id, userDirectory: 'LAB', userId: 'ann', name: 'Ann' },
  tags: [{ id, name: 'nightly' }],
  customProperties: [{ value: 'EMEA', definition: { name: 'Region' } }],
  fileSize: 7,
}

/** Gives what fits as it came. */
const looking = <S extends z.ZodType>(schema: S) => lookOnly(schema, (value) => value)

describe('a schema that only looks', () => {
  it('lets through what fits, as it is', () => {
    expect(looking(appWire)['~standard'].validate(app)).toEqual({ value: app })
    const { value } = looking(appWire)['~standard'].validate(app) as { value: unknown }
    expect(value).toBe(app)
  })

  it.each([
    ['App', appWire, app],
    [
      'ReloadTask',
      reloadTaskWire,
      { ...app, enabled: true, operational: { nextExecution: null, lastExecutionResult: { id, status: 7, duration: 3 } } },
    ],
    [
      'User',
      userWire,
      { id, userDirectory: 'LAB', userId: 'ann', roles: ['RootAdmin'], attributes: [{ attributeType: 'group', attributeValue: 'x' }] },
    ],
  ] as const)('agrees with zod on %s, whatever is wrong with it', (_, wire, whole) => {
    const look = looking(wire as z.ZodType)['~standard']
    expect(look.validate(whole)).not.toHaveProperty('issues')
    for (const broken of mutants(whole)) {
      const expected = wire.safeParse(broken)
      const result = look.validate(broken) as { issues?: readonly unknown[] }
      expect(result.issues, JSON.stringify(broken)).toEqual(expected.success ? undefined : expected.error.issues)
    }
  })

  it.each([
    ['a transform', z.object({ a: boxedText }), { a: { value: 'x' } }, { a: 'x' }],
    ['a default', z.object({ a: z.string().default('y') }), {}, { a: 'y' }],
    ['a coercion', z.coerce.number(), '7', 7],
    ['a strict object', z.strictObject({ a: z.string() }), { a: 'x' }, { a: 'x' }],
  ])('leaves %s to zod', (_, schema, given, value) => {
    expect(looking(schema)['~standard'].validate(given)).toEqual({ value })
    expect(looking(z.strictObject({}))['~standard'].validate({ b: 1 })).toHaveProperty('issues')
    const noX = (text: unknown) => text !== 'x'
    const maybe = [z.string().optional().refine(noX), z.string().nullable().refine(noX), z.string().nullish().refine(noX)]
    for (const checked of [z.guid(), z.string().min(2), z.number().int(), z.array(z.string()).min(1), ...maybe]) {
      expect(looking(checked)['~standard'].validate(checked instanceof z.ZodArray ? [] : 'x')).toHaveProperty('issues')
    }
  })
})

describe('a schema that only looks, with fields of any name', () => {
  const names = ['', '"', "'", '\\', '\n', '\u2028', '`', '${1}', 'a b', '0', 'constructor', '])||(true', 'ü']

  it.each(names)('looks at %j', (name) => {
    const wire = z.object({ [name]: z.string() })
    const look = looking(wire)['~standard']
    const whole = { [name]: 'x' }
    expect((look.validate(whole) as { value: unknown }).value).toBe(whole)
    for (const broken of mutants(whole)) {
      expect('issues' in look.validate(broken), JSON.stringify(broken)).toBe(!wire.safeParse(broken).success)
    }
  })
})

it.each([
  ['looked at', z.object({ a: z.string() }), { a: 'x' }],
  ['read by zod', z.object({ a: boxedText }), { a: { value: 'x' } }],
  ['read by zod in its own time', z.object({ a: z.string() }).refine(async () => true), { a: 'x' }],
])('makes what is wanted of what fits, and nothing of what does not: %s', async (_, schema, fitting) => {
  const { validate } = lookOnly(schema, ({ a }) => `${a}!`)['~standard']
  expect(await validate(fitting)).toEqual({ value: 'x!' })
  expect(await validate({ a: 7 })).toMatchObject({ issues: [{ path: ['a'] }] })
})

it('leaves everything to zod where Node makes no code from text', () => {
  vi.stubGlobal('Function', () => {
    throw new EvalError('Code generation from strings disallowed for this context')
  })
  const { value } = looking(appWire)['~standard'].validate({ ...app, brandNew: 1 }) as { value: unknown }
  vi.unstubAllGlobals()
  expect(value).toEqual(appWire.parse(app))
})

/** The value with one part, at any depth, replaced by something of another kind or taken away. */
function* mutants(value: unknown): Generator {
  for (const other of [undefined, null, 'text', 7, true, [], {}, Number.NaN]) yield other
  if (typeof value !== 'object' || value === null) return
  for (const [key, part] of Object.entries(value)) {
    for (const mutant of mutants(part)) yield Array.isArray(value) ? value.with(Number(key), mutant) : { ...value, [key]: mutant }
  }
}
