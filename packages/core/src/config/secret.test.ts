import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { deserialize, serialize } from 'node:v8'
import { format, inspect } from 'node:util'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { validate } from '../schema.js'
import { Secret, secret } from './secret.js'

const canary = 'canary-3f9c1b'

describe('a secret', () => {
  const hidden = new Secret(canary)
  // What a program without types may do with it.
  const untyped = hidden as unknown as string

  it.each<[way: string, text: () => string]>([
    ['String()', () => String(hidden)],
    ['a template', () => `key ${untyped}`],
    ['concatenation', () => 'key ' + untyped],
    ['join', () => [hidden].join()],
    ['JSON', () => JSON.stringify({ hidden })],
    ['inspect', () => inspect({ hidden })],
    ['inspect with everything shown', () => inspect({ hidden }, { showHidden: true, depth: null, getters: true })],
    ['format', () => format('%s %o %j', hidden, hidden, hidden)],
    ['console', () => printed((console) => console.log('%s', hidden, hidden))],
    ['an error it caused', () => inspect(new Error('no', { cause: hidden }))],
  ])('prints as [secret] by %s', (_way, text) => {
    expect(text()).toContain('[secret]')
    expect(text()).not.toContain(canary)
  })

  it.each<[way: string, text: () => string]>([
    ['inspect without its own inspector', () => inspect(hidden, { customInspect: false, showHidden: true, depth: null })],
    ['console.dir', () => printed((console) => console.dir(hidden, { customInspect: false, showHidden: true }))],
    ['a table', () => printed((console) => console.table([{ hidden }]))],
    ['a structured clone', () => JSON.stringify(structuredClone(hidden))],
    ['V8 serialization', () => inspect(deserialize(serialize(hidden)))],
    ['its own properties', () => Reflect.ownKeys(hidden).concat(Object.values(hidden)).map(String).join()],
    ['a spread', () => JSON.stringify({ ...(hidden as object) })],
    ['a number', () => String(Number(hidden))],
  ])('shows nothing to %s', (_way, text) => {
    expect(text()).not.toContain(canary)
  })

  it('gives its value when asked', () => {
    expect(hidden.reveal()).toBe(canary)
  })
})

describe('secret(schema)', () => {
  it('wraps what the schema gives', async () => {
    const key = await validate(secret(z.string().transform((text) => text.length)), canary, 'key')
    expectTypeOf(key).toEqualTypeOf<Secret<number>>()
    expect(key.reveal()).toBe(canary.length)
  })

  it('leaves a missing value missing, and wraps a default', async () => {
    const token = await validate(secret(z.string().optional()), undefined, 'token')
    expectTypeOf(token).toEqualTypeOf<Secret | undefined>()
    expect(token).toBeUndefined()
    const filled = await validate(secret(z.string().default(canary)), undefined, 'token')
    expectTypeOf(filled).toEqualTypeOf<Secret>()
    expect(filled.reveal()).toBe(canary)
  })

  it('waits for a schema that takes its time', async () => {
    const schema = secret(z.string().refine(async (text) => text !== ''))
    expect((await validate(schema, canary, 'key')).reveal()).toBe(canary)
    await expect(validate(schema, '', 'key')).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' })
  })

  it('says what is wrong in the hint only, whatever the schema says', () => {
    const talkative = z.string().refine(() => false, { error: ({ input }) => `${String(input)} is bad` })
    expect(() => validate(secret(talkative, 'must be a key'), canary, 'key')).toThrow('key does not fit: must be a key')
    expect(() => validate(secret(talkative), canary, 'key')).toThrow('key does not fit: not what it must be')
  })
})

function printed(print: (console: Console) => void): string {
  let text = ''
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  print(new Console(stdout))
  return text
}
