import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { binary, text } from './codec.js'
import type { TopicParams, ValidPattern } from './pattern.js'
import { topic, type Topic } from './topic.js'

// Parameters come from the pattern.
expectTypeOf<TopicParams<'qseow/+host/#rest'>>().toEqualTypeOf<{ readonly host: string; readonly rest: readonly string[] }>()
expectTypeOf<TopicParams<'a/b'>>().toEqualTypeOf<{}>()
expectTypeOf<TopicParams<'a/+/#'>>().toEqualTypeOf<{}>()
expectTypeOf<TopicParams<string>>().toEqualTypeOf<{ readonly [name: string]: string | readonly string[] }>()

// A wrong pattern is a readable literal.
expectTypeOf<ValidPattern<'a/b+c'>>().toEqualTypeOf<'✗ "b+c": a wildcard must fill the whole level'>()
expectTypeOf<ValidPattern<'a/+b+c'>>().toEqualTypeOf<'✗ "+b+c": one wildcard per level'>()
expectTypeOf<ValidPattern<'#a/b'>>().toEqualTypeOf<'✗ "#a": "#" must be the last level and fill it'>()
expectTypeOf<ValidPattern<'a/b#'>>().toEqualTypeOf<'✗ "b#": "#" must be the last level and fill it'>()
expectTypeOf<ValidPattern<'+a/b/+a'>>().toEqualTypeOf<'✗ parameter "a" is used twice'>()
expectTypeOf<ValidPattern<'+a/#a'>>().toEqualTypeOf<'✗ parameter "a" is used twice'>()
expectTypeOf<ValidPattern<'a/:site'>>().toEqualTypeOf<'✗ ":site" is a literal level in MQTT. Write "+site" to capture it'>()
expectTypeOf<ValidPattern<''>>().toEqualTypeOf<'✗ a topic pattern cannot be empty'>()
expectTypeOf<ValidPattern<'$SYS/+/x/#'>>().toEqualTypeOf<'$SYS/+/x/#'>()

// @ts-expect-error -- the wildcard does not fill its level
topic('a/b+c')

// Payloads: what a publisher gives and what a handler gets, from the schema or else from the codec.
const converted = topic('a/+n', { params: { n: z.coerce.number() }, payload: z.object({ at: z.string().transform((at) => new Date(at)) }) })
expectTypeOf<(typeof converted)['~types']['params']>().toEqualTypeOf<{ readonly n: number }>()
expectTypeOf<(typeof converted)['~types']['input']>().toEqualTypeOf<{ at: string }>()
expectTypeOf<(typeof converted)['~types']['payload']>().toEqualTypeOf<{ at: Date }>()
expectTypeOf(topic('a')['~types'].payload).toEqualTypeOf<unknown>()
expectTypeOf(topic('a', { codec: text })['~types'].payload).toEqualTypeOf<string>()
expectTypeOf(topic('a', { codec: binary })['~types'].input).toEqualTypeOf<Uint8Array>()
expectTypeOf(topic('a', { codec: text, payload: z.uuid() })['~types'].payload).toEqualTypeOf<string>()

// @ts-expect-error -- there is no wildcard of that name
topic('a/+n', { params: { m: z.string() } })

// Requests: the answer and the declared errors.
const ask = topic('ask', { reply: z.object({ id: z.string() }), errors: { NOT_FOUND: z.object({ taskId: z.string() }) } })
expectTypeOf<(typeof ask)['~types']['reply']>().toEqualTypeOf<{ id: string }>()
expectTypeOf<(typeof ask)['~types']['errors']>().toEqualTypeOf<{ readonly NOT_FOUND: { taskId: string } }>()
expectTypeOf(topic('tell')['~types'].reply).toEqualTypeOf<void>()

// A contract's own functions.
expectTypeOf(topic('a/+site/#rest').match('a/b')).toEqualTypeOf<{ readonly site: string; readonly rest: readonly string[] } | undefined>()
expectTypeOf(topic('a/+site').build).parameter(0).toEqualTypeOf<{ readonly site: string }>()

// Every contract is a Topic, and has its own captures all the same.
expectTypeOf(converted).toExtend<Topic>()
expectTypeOf(ask).toExtend<
  Topic<string, { params: {}; input: unknown; payload: unknown; replyInput: unknown; reply: unknown; errors: {} }>
>()
const captures: { readonly n: string } | undefined = converted.match('a/1')
expectTypeOf(captures).not.toBeAny()
