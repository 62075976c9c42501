import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { butlerStatus } from '../butler/status.js'
import { encodeErrorReply } from '../request/reply.js'
import { binary, text } from '../topic/codec.js'
import { relocate } from '../topic/relocate.js'
import { topic, type Topic } from '../topic/topic.js'
import { asyncapi, type AsyncApiContracts, type AsyncApiInfo } from './asyncapi.js'
import type { AsyncApiDocument } from './document.js'
import { parseDocument } from '../../test/parse-document.js'

const info = { title: 'Butler of the lab', version: '1.2.3' }
const startTask = topic('qliksense/+site/start_task/+taskId', {
  params: { site: z.enum(['lab', 'prod']), taskId: z.uuid().describe('GUID of the task') },
  payload: z.object({ reason: z.string().max(200).optional() }),
  reply: z.object({ executionId: z.string() }),
  errors: { NOT_FOUND: z.object({ taskId: z.string() }), NOT_ALLOWED: z.object({}) },
  qos: 2,
  summary: 'Start a reload task',
})
const legacyStart = topic('qliksense/start_task', { codec: text, payload: z.uuid() })
const taskDone = topic('qliksense/+site/task/+taskId/done', {
  payload: z.object({ status: z.enum(['success', 'failed']), at: z.date() }),
  retain: true,
  messageExpirySeconds: 3_600,
  qos: 0,
})
const note = topic('note/#path', { codec: text })
const blob = topic('blob', { codec: binary })
const lab = { receives: { startTask, legacyStart, note, blob }, sends: { taskDone, startTask, butlerStatus } }

function documentOf(contracts: AsyncApiContracts, more?: Partial<AsyncApiInfo>): AsyncApiDocument {
  return asyncapi(contracts, { ...info, ...more }).document
}

describe('a document', () => {
  it('is valid, and says to the official parser what the contracts say', async () => {
    const { model, problems } = await parseDocument(
      documentOf(lab, { servers: { broker: 'mqtts://broker.lab:8884' }, description: 'What *it* does' }),
    )
    expect(problems).toEqual([])
    if (!model) throw new Error('no model')
    expect(model.version()).toBe('3.0.0')
    expect([model.info().title(), model.info().version(), model.info().description()]).toEqual([info.title, info.version, 'What *it* does'])
    expect(model.servers().get('broker')?.host()).toBe('broker.lab:8884')
    expect(
      model
        .operations()
        .filterByReceive()
        .map((operation) => operation.id()),
    ).toEqual(['receive-startTask', 'receive-legacyStart', 'receive-note', 'receive-blob'])
    expect(
      model
        .operations()
        .filterBySend()
        .map((operation) => operation.id()),
    ).toEqual(['send-taskDone', 'send-startTask', 'send-butlerStatus'])
    const start = model.operations().get('receive-startTask')
    expect(
      start
        ?.channels()
        .all()
        .map((channel) => channel.address()),
    ).toEqual(['qliksense/{site}/start_task/{taskId}'])
    expect(start?.reply()?.address()?.location()).toBe('$message.header#/responseTopic')
    expect(
      start
        ?.reply()
        ?.messages()
        .map((message) => message.name()),
    ).toEqual(['startTask reply', 'startTask NOT_FOUND', 'startTask NOT_ALLOWED', 'failure'])
    const done = model.channels().get('taskDone')?.messages().all()[0]
    expect(done?.payload()?.properties()?.['at']?.format()).toBe('date-time')
  })

  it('is plain data', () => {
    const document = documentOf(lab)
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })

  it('of no contracts is valid', async () => {
    expect((await parseDocument(documentOf({}))).problems).toEqual([])
  })

  it('has one channel for a contract on both sides, under the name it came by first', () => {
    const { channels, operations } = documentOf({ receives: { start: startTask }, sends: { begin: startTask } })
    expect(Object.keys(channels)).toEqual(['start', 'start-reply'])
    expect(Object.values(operations).map(({ action, channel }) => [action, channel.$ref])).toEqual([
      ['receive', '#/channels/start'],
      ['send', '#/channels/start'],
    ])
  })

  it('keeps contracts of one name apart', async () => {
    const document = documentOf({ receives: { start: startTask }, sends: { start: legacyStart } })
    expect(Object.entries(document.channels).map(([key, { address }]) => [key, address])).toEqual([
      ['start', 'qliksense/{site}/start_task/{taskId}'],
      ['start-reply', null],
      ['start_2', 'qliksense/start_task'],
    ])
    expect((await parseDocument(document)).problems).toEqual([])
  })

  it('takes contracts below a prefix', () => {
    const { channels } = documentOf({ receives: relocate('tenant/+tenant', { legacyStart }) })
    expect(channels['legacyStart']?.address).toBe('tenant/{tenant}/qliksense/start_task')
  })

  const hostile = fc.string({
    unit: fc.constantFrom('a', 'B', '/', '~', '{', '}', '#', '_', 'é', ' ', '$', '.'),
    minLength: 1,
    maxLength: 6,
  })
  const level = fc.string({ unit: fc.constantFrom('a', 'b', '{', '}', ' ', 'é', '%', ''), maxLength: 4 })
  const patterns = fc.array(
    fc.oneof(
      level,
      fc.constant('+'),
      hostile.map((name) => `+${name.replaceAll(/[+#/]/g, '')}`),
    ),
    {
      minLength: 1,
      maxLength: 5,
    },
  )

  it('holds together whatever contracts, levels and wildcards are called', () => {
    fc.assert(
      fc.property(fc.dictionary(hostile, patterns), (named) => {
        const receives = Object.fromEntries(Object.entries(named).flatMap(([name, levels]) => contractOr(levels.join('/'), name)))
        expect(problemsOf(documentOf({ receives, sends: receives }))).toEqual([])
      }),
    )
  })

  it('stays valid with names that need care', async () => {
    const odd = topic('{a}/+b c/+b_c/+/+level4/#rést', {
      params: { 'b c': z.string() },
      payload: z.object({}),
      errors: { 'E/1': z.null() },
    })
    const { document, warnings } = asyncapi({ receives: { 'start/task ~1': odd, ['__proto__']: note } }, info)
    expect(document.channels['start_task__1']?.address).toBe('%7Ba%7D/{b_c}/{b_c_2}/{level4}/{level4_2}/{r_st}')
    expect(warnings).toEqual([{ contract: 'start/task ~1', part: 'address', path: [], message: 'braces in a level are percent-encoded' }])
    expect(problemsOf(document)).toEqual([])
    expect((await parseDocument(document)).problems).toEqual([])
  })
})

function contractOr(pattern: string, name: string): [string, Topic][] {
  try {
    return [[name, topic(pattern, { payload: z.string(), errors: { [name]: z.string() } })]]
  } catch {
    return []
  }
}

/** What does not hold together: references to nothing, keys AsyncAPI does not allow, parameters without a description. */
function problemsOf(document: AsyncApiDocument): string[] {
  const keys = [document.channels, document.operations, document.components.schemas].flatMap(Object.keys)
  const wrongKeys = keys.filter((key) => !/^[\w.-]+$/.test(key))
  const undescribed = Object.values(document.channels).filter(({ address, parameters = {} }) => {
    const used = [...(address ?? '').matchAll(/\{([^}]*)\}/g)].map(([, key]) => key)
    return used.join() !== Object.keys(parameters).join()
  })
  return [...wrongKeys, ...undescribed.map(({ address }) => String(address)), ...danglingReferences(document, document)]
}

function danglingReferences(value: unknown, document: AsyncApiDocument): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    key === '$ref' && typeof member === 'string' && !exists(member, document) ? [member] : danglingReferences(member, document),
  )
}

function exists(reference: string, document: AsyncApiDocument): boolean {
  const keys = reference.replace('#/', '').split('/')
  return keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document) !== undefined
}

describe('a channel', () => {
  it.each([
    ['a/b', 'a/b', undefined],
    ['/a/', '/a/', undefined],
    ['+site/a', '{site}/a', ['site']],
    ['a/+/+b/+', 'a/{level2}/{b}/{level4}', ['level2', 'b', 'level4']],
    ['a/#', 'a/{level2}', ['level2']],
    ['a/#rest', 'a/{rest}', ['rest']],
    ['$SYS/#', '$SYS/{level2}', ['level2']],
    ['+constructor/+toString', '{constructor}/{toString}', ['constructor', 'toString']],
  ])('of %s has the address %s', (pattern, address, parameters) => {
    const channel = documentOf({ receives: { it: topic(pattern) } }).channels['it']
    expect(channel?.address).toBe(address)
    expect(channel?.parameters && Object.keys(channel.parameters)).toEqual(parameters)
  })

  it('tells what its wildcards may be, as far as AsyncAPI can', () => {
    const contract = topic('a/+site/+level/+id/#rest', {
      params: {
        site: z.enum(['lab', 'prod']),
        level: z.literal('one').meta({ description: 'Which one', examples: ['one'] }),
        id: z.coerce.number().default(1),
      },
    })
    const document = documentOf({ receives: { it: contract } })
    const one = 'One level of the topic.'
    expect(document.channels['it']?.parameters).toEqual({
      site: { description: one, enum: ['lab', 'prod'], 'x-schema': { $ref: '#/components/schemas/it.params.site' } },
      level: { description: 'Which one', enum: ['one'], examples: ['one'], 'x-schema': { $ref: '#/components/schemas/it.params.level' } },
      id: { description: one, default: '1', 'x-schema': { $ref: '#/components/schemas/it.params.id' } },
      rest: { description: expect.stringContaining('remaining levels') },
    })
    expect(document.components.schemas['it.params.id']).toMatchObject({ type: 'number' })
  })
})

describe('an operation', () => {
  it('carries what MQTT needs to know', () => {
    const { operations } = documentOf(lab)
    expect(operations['send-taskDone']?.bindings.mqtt).toEqual({
      qos: 0,
      retain: true,
      messageExpiryInterval: 3_600,
      bindingVersion: '0.2.0',
    })
    expect(operations['receive-startTask']?.bindings.mqtt).toEqual({ qos: 2, retain: false, bindingVersion: '0.2.0' })
    expect(operations['receive-note']?.bindings.mqtt).toEqual({ qos: 1, retain: false, bindingVersion: '0.2.0' })
  })

  it('has an answer where the contract has a reply or errors, and only there', () => {
    const { operations, channels, components } = documentOf({
      receives: { startTask, note, fails: topic('f', { errors: { NO: z.null() } }) },
    })
    expect(Object.entries(operations).flatMap(([key, { reply }]) => (reply ? [key] : []))).toEqual(['receive-startTask', 'receive-fails'])
    expect(Object.keys(channels['fails-reply']?.messages ?? {})).toEqual(['error-NO', 'failure'])
    expect(Object.keys(components.messages ?? {})).toEqual(['failure'])
    expect(documentOf({ receives: { note } }).components.messages).toBeUndefined()
  })
})

describe('a message', () => {
  it.each<[what: string, contract: Topic, contentType: string, payload: object]>([
    ['json', topic('a'), 'application/json', {}],
    ['text', topic('a', { codec: text }), 'text/plain; charset=utf-8', { type: 'string' }],
    [
      'binary',
      topic('a', { codec: binary, payload: z.instanceof(Uint8Array) }),
      'application/octet-stream',
      { type: 'string', format: 'binary' },
    ],
    ['a schema', topic('a', { payload: z.int() }), 'application/json', { $ref: '#/components/schemas/it.payload' }],
  ])('of %s has its media type and payload', (_what, contract, contentType, payload) => {
    const { document, warnings } = asyncapi({ sends: { it: contract } }, info)
    expect(document.channels['it']?.messages['it']).toEqual({ name: 'it', contentType, payload })
    expect(warnings).toEqual([])
  })

  it('describes what travels: what a transforming schema takes', () => {
    const payload = z.object({ at: z.iso.datetime().transform((at) => new Date(at)), list: z.string().array().default([]) })
    const { components } = documentOf({ receives: { it: topic('a', { payload }) } })
    expect(components.schemas['it.payload']).toMatchObject({
      properties: { at: { type: 'string', format: 'date-time' }, list: { type: 'array', items: { type: 'string' } } },
      required: ['at'],
    })
  })

  it('of an error has the shape that errors travel in', () => {
    const { payload, contentType } = encodeErrorReply({ code: 'NOT_FOUND', message: 'no such task', data: { taskId: 'a' } })
    const sent: unknown = JSON.parse(Buffer.from(payload).toString())
    const message = documentOf(lab).channels['startTask-reply']?.messages['error-NOT_FOUND']
    expect(message).toMatchObject({ contentType })
    const schema = (message as unknown as { payload: JsonObjectSchema }).payload
    expect(shapeOf(schema)).toEqual(keysOf(sent))
    expect(schema.properties['$error']?.properties['code']).toEqual({ const: 'NOT_FOUND' })
    expect(schema.properties['$error']?.properties['data']).toEqual({ $ref: '#/components/schemas/startTask.errors.NOT_FOUND' })
  })
})

interface JsonObjectSchema {
  readonly properties: Readonly<Record<string, JsonObjectSchema>>
}

function shapeOf(schema: JsonObjectSchema): unknown {
  return Object.entries(schema.properties).map(([key, member]) => [key, member.properties && Object.keys(member.properties)])
}

function keysOf(value: unknown): unknown {
  return Object.entries(value as object).map(([key, member]) => [key, Object.keys(member as object)])
}

describe('servers', () => {
  it.each([
    ['mqtt://broker.lab', { host: 'broker.lab', protocol: 'mqtt' }],
    ['mqtts://broker.lab:8884', { host: 'broker.lab:8884', protocol: 'secure-mqtt' }],
    ['wss://broker.lab/mqtt', { host: 'broker.lab', protocol: 'wss', pathname: '/mqtt' }],
    ['mqtt://user:canary-1@broker.lab?token=canary-2#canary-3', { host: 'broker.lab', protocol: 'mqtt' }],
  ])('%s', (url, server) => {
    expect(documentOf({}, { servers: { it: url } }).servers).toEqual({ it: server })
  })

  it('that are no URLs are refused, without being shown', () => {
    const make = () => documentOf({}, { servers: { broker: 'canary-1' } })
    expect(make).toThrow('server "broker": not a URL such as mqtts://broker.lab:8883')
    expect(make).toThrow(expect.objectContaining({ code: 'ASYNCAPI_SERVER_URL' }))
  })
})
