import { EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { Client, type Dispatcher } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../../test/support/http-server.js'
import { fetchAnswer } from './answer.js'

const get = { method: 'GET', path: '/' } as const

const opened: Client[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.destroy()))
})

describe('an answer in whole', () => {
  it.each([
    ['ASCII', 'plain '.repeat(50_000), undefined],
    ['umlauts', 'Ann Müller '.repeat(20_000), undefined],
    ['every plane', 'a é – € 𝄞 😀 '.repeat(20_000), undefined],
    ['a mark before it', '\uFEFF{"a":"ü"}', '{"a":"ü"}'],
    ['nothing', '', undefined],
  ])('is the text that was sent: %s', async (_, sent, expected = sent) => {
    await using server = await startServer((response) => response.writeHead(200, { 'x-a': ['1', '2'] }).end(sent))
    const client = connect(server)
    const answer = await fetchAnswer(client, get, new EventEmitter())
    expect(answer.text === expected).toBe(true)
    expect(answer).toMatchObject({ statusCode: 200, headers: { 'x-a': ['1', '2'] } })
  })

  it('has U+FFFD for what is not UTF-8, as TextDecoder has', async () => {
    const bytes = Buffer.from([0x61, 0xff, 0xc3, 0x62, 0xed, 0xa0, 0x80, 0xe2, 0x82])
    await using server = await startServer((response) => response.end(bytes))
    const client = connect(server)
    expect((await fetchAnswer(client, get, new EventEmitter())).text).toBe(new TextDecoder().decode(bytes))
  })

  it('is the one after the informational ones', async () => {
    await using server = await startServer((response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' })
      response.writeHead(404).end('none')
    })
    const client = connect(server)
    const { statusCode, headers, text } = await fetchAnswer(client, get, new EventEmitter())
    expect({ statusCode, link: headers['link'], text }).toEqual({ statusCode: 404, link: undefined, text: 'none' })
  })

  it('fails where it breaks off', async () => {
    await using server = await startServer((response) => {
      response.writeHead(200, { 'content-length': 10 }).write('half', () => response.destroy())
    })
    const client = connect(server)
    await expect(fetchAnswer(client, get, new EventEmitter())).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' })
  })
})

describe('a dispatcher of another undici', () => {
  /** As undici 6 takes handlers: by other names. */
  function another(client: Client): Dispatcher {
    const request: Dispatcher['request'] = (options: Parameters<Dispatcher['request']>[0]) => client.request(options)
    return { request, dispatch: () => expect.unreachable() } as Partial<Dispatcher> as Dispatcher
  }

  it('gives the same answer', async () => {
    await using server = await startServer((response) => response.writeHead(404, { 'x-a': ['1', '2'] }).end('\uFEFFAnn Müller'))
    const answer = await fetchAnswer(another(connect(server)), get, new EventEmitter())
    expect(answer).toMatchObject({ statusCode: 404, headers: { 'x-a': ['1', '2'] }, text: 'Ann Müller' })
  })

  it('gives up', async () => {
    const stop = new EventEmitter()
    await using server = await startServer((response) => response.write('half', () => stop.emit('abort')))
    await expect(fetchAnswer(another(connect(server)), get, stop)).rejects.toMatchObject({ code: 'UND_ERR_ABORTED' })
  })
})

describe('giving up', () => {
  it('ends a request that is under way, and its connection', async () => {
    const stop = new EventEmitter()
    await using server = await startServer(() => void stop.emit('abort'))
    const client = connect(server)
    await expect(fetchAnswer(client, get, stop)).rejects.toMatchObject({ code: 'UND_ERR_ABORTED' })
    const socket = server.requests[0]!.socket
    if (!socket.destroyed) await once(socket, 'close')
  })

  it('ends one that waits for a connection at once, and never sends it', async () => {
    const held: ServerResponse[] = []
    const arrived = new EventEmitter()
    await using server = await startServer((response) => {
      held.push(response)
      arrived.emit('request')
    })
    const client = connect(server)
    const first = fetchAnswer(client, { ...get, path: '/first' }, new EventEmitter())
    await once(arrived, 'request')
    const stop = new EventEmitter()
    const second = fetchAnswer(client, { method: 'POST', path: '/second', body: 'start' }, stop)
    const third = fetchAnswer(client, { ...get, path: '/third' }, new EventEmitter())
    stop.emit('abort')
    await expect(second).rejects.toMatchObject({ code: 'UND_ERR_ABORTED' })

    held[0]!.end('1')
    expect((await first).text).toBe('1')
    while (held.length < 2) await once(arrived, 'request')
    held[1]!.end('3')
    expect((await third).text).toBe('3')
    expect(server.requests.map(({ url }) => url)).toEqual(['/first', '/third'])
  })

  it('closes a body that was never read, as there was no connection', async () => {
    const server = await startServer(() => {})
    await server[Symbol.asyncDispose]()
    const client = connect(server)
    const body = Readable.from(['never sent'])
    const sent = fetchAnswer(client, { method: 'POST', path: '/', body }, new EventEmitter())
    await expect(sent).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(body.destroyed).toBe(true)
  })
})

/** One connection. */
function connect({ origin }: TestServer): Client {
  const client = new Client(origin)
  opened.push(client)
  return client
}
