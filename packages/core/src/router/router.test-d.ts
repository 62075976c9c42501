import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { createButler, type Attachment, type Butler } from '../butler/butler.js'
import type { RequestError } from '../request/requester.js'
import { text } from '../topic/codec.js'
import { relocate } from '../topic/relocate.js'
import { topic, type Topic, type TopicTypes } from '../topic/topic.js'
import type { Message, Publisher } from './message.js'
import { createRouter, type Mountable, type Router } from './router.js'

interface Sense {
  start(taskId: string): Promise<string>
}
interface Notifier {
  notify(text: string): Promise<void>
}

const startTask = topic('qliksense/+site/start_task/+taskId', {
  params: { taskId: z.uuid() },
  payload: z.object({ reason: z.string().optional(), priority: z.coerce.number() }),
  reply: z.object({ executionId: z.string() }),
  errors: { NOT_FOUND: z.object({ taskId: z.string() }), BUSY: z.object({ seconds: z.number() }) },
})
const ask = topic('a/+b', { reply: z.object({ state: z.enum(['ok', 'no']), nested: z.object({ k: z.literal('x') }) }) })
const tell = topic('tell', { codec: text })
const dated = topic('dated', { payload: z.iso.datetime().transform((at) => new Date(at)) })
const counted = topic('count/+n/#rest', { params: { n: z.coerce.number() } })

// on: a handler gets the contract's types.
const router = createRouter<{ sense: Sense }>()
router.on(startTask, (message) => {
  expectTypeOf(message.params).toEqualTypeOf<{ readonly site: string; readonly taskId: string }>()
  expectTypeOf(message.payload).toEqualTypeOf<{ reason?: string | undefined; priority: number }>()
  expectTypeOf(message.ctx).toEqualTypeOf<{ sense: Sense }>()
  expectTypeOf(message.signal).toEqualTypeOf<AbortSignal>()
  expectTypeOf(message.attempt).toEqualTypeOf<number>()
  return { executionId: '' }
})
router.on(counted, ({ params }) => {
  expectTypeOf(params).toEqualTypeOf<{ readonly n: number; readonly rest: readonly string[] }>()
})
router.on(tell, ({ payload, params }) => {
  expectTypeOf(payload).toEqualTypeOf<string>()
  expectTypeOf(params).toEqualTypeOf<{}>()
})
router.on(dated, ({ payload }) => {
  expectTypeOf(payload).toEqualTypeOf<Date>()
})
router.on(topic('anything'), ({ payload }) => {
  expectTypeOf(payload).toEqualTypeOf<unknown>()
})

// on returns the router, for chaining.
expectTypeOf(router.on(tell, () => {})).toEqualTypeOf<Router<{ sense: Sense }>>()

// @ts-expect-error -- there is no such wildcard
router.on(startTask, ({ params }) => ({ executionId: params.id }))
// @ts-expect-error -- there is no such service
router.on(startTask, ({ ctx }) => ctx.slack)
// @ts-expect-error -- the payload has no such field
router.on(startTask, ({ payload }) => ({ executionId: payload.task }))

// Replies: literals stay literals, and what does not fit is refused.
router.on(ask, () => ({ state: 'ok', nested: { k: 'x' } }))
router.on(ask, async () => ({ state: 'ok', nested: { k: 'x' } }))
router.on(ask, async ({ params }) => {
  if (params.b === '') return { state: 'ok', nested: { k: 'x' } }
  return { state: 'no', nested: { k: 'x' } }
})
// @ts-expect-error -- not one of the states
router.on(ask, () => ({ state: 'bad', nested: { k: 'x' } }))
// @ts-expect-error -- not one of the states, asynchronously
router.on(ask, async () => ({ state: 'bad', nested: { k: 'x' } }))
// @ts-expect-error -- a part is missing
router.on(ask, async () => ({ state: 'ok' }))
// @ts-expect-error -- a request must be answered
router.on(ask, async () => {})
// @ts-expect-error -- nobody asked
router.on(tell, () => ({ state: 'ok' }))
// The reply is what its schema takes: a date goes out as text.
router.on(topic('when', { reply: z.object({ at: z.iso.datetime().transform((at) => new Date(at)) }) }), () => ({
  at: '2026-01-01T00:00:00Z',
}))

// Declared errors: code and data belong together.
router.on(startTask, ({ error, params }) => {
  // @ts-expect-error -- the data of another error
  void (() => error('BUSY', { taskId: '' }))
  // @ts-expect-error -- there is no such error
  void (() => error('GONE', {}))
  throw error('NOT_FOUND', { taskId: params.taskId })
})
// @ts-expect-error -- the contract declares no errors
router.on(tell, ({ error }) => void error('NOT_FOUND', {}))

// Options are typed by the contract.
router.on(startTask, () => ({ executionId: '' }), {
  key: ({ params, payload }) => `${params.taskId} ${payload.priority.toFixed()}`,
  dedupe: { by: ({ params }) => params.taskId, ttlMs: 1_000 },
  retry: { attempts: 3, when: (error) => error instanceof RangeError },
  timeoutMs: 1_000,
  deadLetter: 'lost',
})
// @ts-expect-error -- there is no such wildcard
router.on(startTask, () => ({ executionId: '' }), { key: ({ params }) => params.id })
// @ts-expect-error -- a key is text
router.on(startTask, () => ({ executionId: '' }), { key: ({ payload }) => payload.priority })
// @ts-expect-error -- the payload has no such field
router.on(startTask, () => ({ executionId: '' }), { dedupe: { by: ({ payload }) => payload.id, ttlMs: 1 } })
// @ts-expect-error -- a time has its unit in its name
router.on(startTask, () => ({ executionId: '' }), { timeout: 1_000 })
// @ts-expect-error -- there is no such policy
router.on(startTask, () => ({ executionId: '' }), { invalid: 'ignore' })
createRouter({ timeoutMs: 1_000 })

// derive: what it returns is in ctx of the routes after it, and the last one of a name wins.
const derived = router
  .derive(() => ({ tenant: 'lab' }))
  .derive(async ({ ctx }) => ({ tenant: ctx.tenant.length, started: ctx.sense.start('') }))
expectTypeOf(derived).toEqualTypeOf<Router<{ sense: Sense }, { sense: Sense; tenant: number; started: Promise<string> }>>()
derived.on(tell, ({ ctx }) => {
  expectTypeOf(ctx).toEqualTypeOf<{ sense: Sense; tenant: number; started: Promise<string> }>()
})
// @ts-expect-error -- not in the routes before it
router.on(tell, ({ ctx }) => void ctx.tenant)
// @ts-expect-error -- a context is made of objects
router.derive(() => 'lab')

// use: what goes to next is in ctx; nothing, where nothing does.
const used = router.use(async ({ ctx }, next) => next({ started: await ctx.sense.start('') }))
expectTypeOf(used).toEqualTypeOf<Router<{ sense: Sense }, { sense: Sense; started: string }>>()
expectTypeOf(router.use((_message, next) => next())).toEqualTypeOf<Router<{ sense: Sense }>>()
// @ts-expect-error -- next was not called, or its result not returned
router.use(async (_message, next) => {
  await next()
})

// mount: where a router's needs are met, and nowhere else.
const notifying = createRouter<{ notify: Notifier }>()
const both = createRouter<{ sense: Sense; notify: Notifier; extra: number }>()
both.mount(notifying).mount('lab', router).mount('tenant/+tenant', derived)
router.derive(() => ({ notify: {} as Notifier })).mount(notifying)
createRouter().mount(createRouter())
// @ts-expect-error -- no notifier here
router.mount(notifying)
// @ts-expect-error -- no notifier here, below a prefix
router.mount('lab', notifying)
// @ts-expect-error -- a service of the same name, but not the same
createRouter<{ sense: string }>().mount(router)
expectTypeOf<Mountable<{ sense: Sense }>>().toExtend<Mountable<{ sense: Sense; notify: Notifier }>>()
expectTypeOf<Mountable<{ sense: Sense; notify: Notifier }>>().not.toExtend<Mountable<{ sense: Sense }>>()

// A butler is typed by its services.
const butler = createButler({ name: 'butler', transports: [], services: { sense: {} as Sense } })
expectTypeOf(butler).toEqualTypeOf<Butler<{ sense: Sense }>>()
expectTypeOf(butler.mount(router).mount('lab', router)).toEqualTypeOf<Butler<{ sense: Sense }>>()
expectTypeOf(createButler({ name: 'butler', transports: [] }).services).toEqualTypeOf<{}>()
// @ts-expect-error -- it has no notifier
butler.mount(notifying)
expectTypeOf(butler.attach('lab', router)).toEqualTypeOf<Promise<Attachment>>()
// @ts-expect-error -- nor has it one later
void butler.attach(notifying)

// relocate: the prefix is in the pattern, its wildcards among the parameters.
const moved = relocate('tenant/+tenant', { startTask, tell })
expectTypeOf(moved.startTask.pattern).toEqualTypeOf<'tenant/+tenant/qliksense/+site/start_task/+taskId'>()
expectTypeOf(moved.tell.pattern).toEqualTypeOf<'tenant/+tenant/tell'>()
expectTypeOf<(typeof moved.startTask)['~types']>().toEqualTypeOf<{
  params: { readonly tenant: string; readonly site: string; readonly taskId: string }
  input: (typeof startTask)['~types']['input']
  payload: (typeof startTask)['~types']['payload']
  replyInput: { executionId: string }
  reply: { executionId: string }
  errors: (typeof startTask)['~types']['errors']
}>()
expectTypeOf<(typeof moved.tell)['~types']['params']>().toEqualTypeOf<{ readonly tenant: string }>()
createRouter().on(moved.startTask, ({ params }) => ({ executionId: params.tenant + params.site + params.taskId }))

// publish: (params, payload, options?), without params where there are none to give.
declare const publisher: Publisher
expectTypeOf(publisher.publish(tell, 'text')).toEqualTypeOf<Promise<void>>()
void publisher.publish(tell, 'text', { qos: 1, retain: true, userProperties: { tenant: 'lab' }, via: 'mqtt' })
void publisher.publish(counted, { n: 1, rest: ['a', 'b'] }, { any: 'thing' })
void publisher.publish(startTask, { site: 'lab', taskId: '' }, { priority: '1' }, { qos: 2 })
void publisher.publish(dated, '2026-01-01T00:00:00Z')
void publisher.publish(moved.tell, { tenant: 'lab' }, 'text')
// @ts-expect-error -- a parameter is missing
void publisher.publish(startTask, { site: 'lab' }, { priority: '1' })
// @ts-expect-error -- one parameter too many
void publisher.publish(startTask, { site: 'lab', taskId: '', room: '' }, { priority: '1' })
// @ts-expect-error -- there are parameters to give
void publisher.publish(startTask, { priority: '1' })
// @ts-expect-error -- there are none to give
void publisher.publish(tell, {}, 'text')
// @ts-expect-error -- the payload is text
void publisher.publish(tell, 1)
// @ts-expect-error -- a publisher gives what the schema takes, not what it makes of it
void publisher.publish(dated, new Date())
// @ts-expect-error -- no array for the rest
void publisher.publish(counted, { n: 1, rest: 'a/b' }, {})
// @ts-expect-error -- there is no such quality of service
void publisher.publish(tell, 'text', { qos: 3 })
// A pattern only known as text takes either form.
declare const pattern: string
void publisher.publish(topic(pattern), { any: 'payload' })
void publisher.publish(topic(pattern), { any: 'param' }, { any: 'payload' })

// A message publishes, too, and is a message of any contract.
router.on(startTask, async (message) => {
  await message.publish(tell, 'text')
  expectTypeOf(message).toExtend<Publisher>()
  expectTypeOf(message).toExtend<Message<TopicTypes, object>>()
  return { executionId: '' }
})

// request: the reply, as its schema makes it.
expectTypeOf(butler.request(startTask, { site: '', taskId: '' }, { priority: 1 }, { timeoutMs: 1 })).toEqualTypeOf<
  Promise<{ executionId: string }>
>()
expectTypeOf(butler.request(ask, { b: '' }, undefined)).toEqualTypeOf<Promise<{ state: 'ok' | 'no'; nested: { k: 'x' } }>>()
// @ts-expect-error -- there is no such option
void butler.request(ask, { b: '' }, undefined, { timeout: 1 })

// tryRequest: one union, told apart by ok, then by code.
const result = await butler.tryRequest(startTask, { site: '', taskId: '' }, { priority: 1 })
expectTypeOf(result).toEqualTypeOf<
  | { readonly ok: true; readonly reply: { executionId: string } }
  | { readonly ok: false; readonly code: 'NOT_FOUND'; readonly data: { taskId: string } }
  | { readonly ok: false; readonly code: 'BUSY'; readonly data: { seconds: number } }
  | { readonly ok: false; readonly code: RequestError['code']; readonly data: string }
>()
if (result.ok) expectTypeOf(result.reply.executionId).toEqualTypeOf<string>()
else if (result.code === 'BUSY') expectTypeOf(result.data.seconds).toEqualTypeOf<number>()
else if (result.code === 'REQUEST_TIMEOUT') expectTypeOf(result.data).toEqualTypeOf<string>()
// @ts-expect-error -- no reply before it is known to be there
void result.reply
const plain = await butler.tryRequest(ask, { b: '' }, undefined)
if (!plain.ok) expectTypeOf(plain.code).toEqualTypeOf<RequestError['code']>()

// Every contract is a Topic, so that lists of contracts can be made.
expectTypeOf([startTask, ask, tell, dated, counted, moved.tell]).toExtend<readonly Topic[]>()
