import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { verifyWebhook } from './webhook.js'

const secret = 'canary-secret'
const body = JSON.stringify({
  id: 'b347fd0d-1321-417f-91ee-90e96c76389c',
  time: '2018-10-30T07:06:22Z',
  type: 'com.qlik.v1.reload.finished',
  source: 'com.qlik/reloads',
  specversion: '1.0',
  tenantid: 'UkeLb6ICti8OA8f3LueRI5kVNtuHc15f',
  data: { id: '6a849f7f18ec290e6ceb025d', appId: '002ff8c5-3c11-4464-a22b-68fb5e7ee5e8', status: 'FAILED', note: 'é' },
})
const signature = sign(body)

describe('a delivery of a webhook', () => {
  it('that is signed is read', () => {
    expect(verifyWebhook(body, signature, secret)).toEqual({
      id: 'b347fd0d-1321-417f-91ee-90e96c76389c',
      type: 'com.qlik.v1.reload.finished',
      source: 'com.qlik/reloads',
      at: new Date('2018-10-30T07:06:22Z'),
      tenantId: 'UkeLb6ICti8OA8f3LueRI5kVNtuHc15f',
      data: { id: '6a849f7f18ec290e6ceb025d', appId: '002ff8c5-3c11-4464-a22b-68fb5e7ee5e8', status: 'FAILED', note: 'é' },
    })
  })

  // Made with OpenSSL: printf '{"type":"a"}' | openssl dgst -sha256 -hmac test
  it('is signed as others sign', () => {
    const made = '55ba08eb73edd0a5f07d4ecf8277cdaa134a4e5d14bb53e9515d1e80a6d58a11'
    expect(verifyWebhook('{"type":"a"}', made, 'test')).toMatchObject({ type: 'a', data: {} })
  })

  it.each<[string, string | Uint8Array, string]>([
    ['as bytes', Buffer.from(body), signature],
    ['as bytes of another kind', new TextEncoder().encode(body), signature],
    ['in capitals', body, signature.toUpperCase()],
  ])('may come %s', (_, given, signed) => {
    expect(verifyWebhook(given, signed, secret)).toMatchObject({ data: { note: 'é' } })
  })

  it('of the older form is read too', () => {
    const older = JSON.stringify({
      cloudEventsVersion: '0.1',
      source: 'com.qlik/engine',
      eventId: 'e1',
      eventTime: '2024-07-27T13:57:27Z',
      eventType: 'com.qlik.v1.app.reload.finished',
      extensions: { tenantId: 't1' },
      data: { status: 'ok' },
    })
    const at = new Date('2024-07-27T13:57:27Z')
    const event = {
      type: 'com.qlik.v1.app.reload.finished',
      id: 'e1',
      source: 'com.qlik/engine',
      at,
      tenantId: 't1',
      data: { status: 'ok' },
    }
    expect(verifyWebhook(older, sign(older), secret)).toEqual(event)
  })

  it('may be signed with any of several secrets', () => {
    expect(verifyWebhook(body, signature, ['newer', secret])).toMatchObject({ source: 'com.qlik/reloads' })
  })

  it.each<[string, string, string | string[] | undefined, string]>([
    ['is not signed', body, undefined, secret],
    ['is signed with nothing', body, '', secret],
    ['is signed twice', body, [signature, signature], secret],
    ['is signed with another secret', body, sign(body, 'another'), secret],
    ['was changed by one letter', body.replace('FAILED', 'failed'), signature, secret],
    ['was printed anew', JSON.stringify(JSON.parse(body), null, 1), signature, secret],
    ['has a signature cut short', body, signature.slice(0, 62), secret],
    ['has a signature too long', body, `${signature}00`, secret],
    ['has a signature in base64', body, Buffer.from(signature, 'hex').toString('base64'), secret],
  ])('that %s is WEBHOOK_SIGNATURE', (_, given, signed, known) => {
    const verify = () => verifyWebhook(given, signed, known)
    expect(verify).toThrow(expect.objectContaining({ code: 'WEBHOOK_SIGNATURE' }))
    expect(inspect(caught(verify))).not.toContain(secret)
  })

  it.each(['', 'hello', 'null', '[]', '{}', '{"type":""}', '{"type":1}'])('that is %o is WEBHOOK_BODY, though it is signed', (text) => {
    expect(() => verifyWebhook(text, sign(text), secret)).toThrow(expect.objectContaining({ code: 'WEBHOOK_BODY' }))
  })

  it.each([
    ['an empty secret', body, ''],
    ['no secret', body, []],
    ['one empty secret', body, [secret, '']],
    ['a body that was parsed', JSON.parse(body) as string, secret],
  ])('with %s is a mistake of ours', (_, given, known) => {
    expect(() => verifyWebhook(given, sign(body, ''), known)).toThrow(expect.objectContaining({ code: 'SENSE_OPTION' }))
  })
})

function sign(text: string, key = secret): string {
  return createHmac('sha256', key).update(text).digest('hex')
}

function caught(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
