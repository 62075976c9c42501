import { createServer, type AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import type { Notifier } from '@butlerkit/core'
import { MockAgent } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { SlackError, slackNotifier, type SlackNotifierOptions } from '../src/index.js'
import { createWatchedClock, openStandIn, type Step } from './stand-in.js'

const opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()))
})

async function connect(steps: readonly Step[], options: Partial<SlackNotifierOptions> = {}) {
  const slack = await openStandIn(...steps)
  opened.push(slack)
  const time = createWatchedClock()
  const notifier = slackNotifier({ webhookUrl: slack.url, allowedHosts: ['127.0.0.1'], clock: time.clock, ...options })
  return { slack, notifier, ...time }
}

const failure = (notifier: Notifier, options?: { signal: AbortSignal }) =>
  notifier.notify({ title: 'Reload failed' }, options).then(
    () => Promise.reject(new Error('was delivered')),
    (error: unknown) => error as SlackError,
  )

describe('what is posted', () => {
  it('is one JSON message with blocks and a line for where blocks are not shown', async () => {
    const { slack, notifier } = await connect([{ status: 200 }])
    const receipt = await notifier.notify({ title: 'Reload failed', severity: 'error', text: 'Sales <nightly>', fields: { app: 'A & B' } })
    expect(receipt).toEqual({ notifier: 'slack' })
    expect(slack.received).toHaveLength(1)
    expect(slack.received[0]?.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(slack.received[0]?.path).toBe('/services/T0CANARY/B0CANARY/s3cr3tCANARY')
    expect(slack.received[0]?.message).toEqual({
      text: '❌ Reload failed: Sales &lt;nightly&gt;',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: '❌ Reload failed' } },
        { type: 'section', text: { type: 'mrkdwn', text: 'Sales &lt;nightly&gt;', verbatim: true } },
        { type: 'section', fields: [{ type: 'mrkdwn', text: '*app*\nA &amp; B', verbatim: true }] },
      ],
    })
  })

  it('comes from toBlocks where one is given, cut to the 50 blocks Slack takes', async () => {
    const dividers = Array.from({ length: 60 }, () => ({ type: 'divider' }))
    const { slack, notifier } = await connect([{ status: 200 }], { toBlocks: () => dividers })
    await notifier.notify({ title: 'a' })
    expect(slack.received[0]?.message.blocks).toHaveLength(50)
  })

  it('is one at a time and in order', async () => {
    const held: (() => void)[] = []
    const { slack, notifier } = await connect([(response) => held.push(() => response.end('ok')), { status: 200 }])
    const arrived = slack.arrival()
    const posts = ['a', 'b', 'c'].map((title) => notifier.notify({ title }))
    await arrived
    expect(slack.received).toHaveLength(1)
    held[0]?.()
    await Promise.all(posts)
    expect(slack.received.map(({ message }) => message.text)).toEqual(['a', 'b', 'c'])
  })

  it('goes over the given dispatcher', async () => {
    const dispatcher = new MockAgent()
    opened.push(dispatcher)
    dispatcher.disableNetConnect()
    dispatcher.get('https://hooks.slack.com').intercept({ path: '/services/T/B/X', method: 'POST' }).reply(200, 'ok')
    const notifier = slackNotifier({ webhookUrl: 'https://hooks.slack.com/services/T/B/X', name: 'ops', dispatcher })
    await expect(notifier.notify({ title: 'a' })).resolves.toEqual({ notifier: 'ops' })
    dispatcher.assertNoPendingInterceptors()
  })

  it('counts as delivered once the status says so, though the answer never ends', async () => {
    const { notifier, virtual } = await connect([(response) => response.writeHead(200).write('o')])
    await notifier.notify({ title: 'a' })
    expect(virtual.pending).toBe(0)
  })
})

describe('an answer that is not 2xx', () => {
  it.each([
    [400, 'invalid_payload', 'SLACK_REFUSED', 'slack: answered 400 invalid_payload'],
    [403, 'action_prohibited', 'SLACK_REFUSED', 'slack: answered 403 action_prohibited'],
    [404, 'no_service', 'SLACK_REFUSED', 'slack: answered 404 no_service'],
    [410, 'channel_is_archived', 'SLACK_REFUSED', 'slack: answered 410 channel_is_archived'],
    [500, 'rollup_error', 'SLACK_REFUSED', 'slack: answered 500 rollup_error'],
    [502, '<html>Bad gateway</html>', 'SLACK_REFUSED', 'slack: answered 502'],
  ])('%i %s is told as it is and not repeated', async (status, body, code, message) => {
    const { slack, notifier } = await connect([{ status, body }])
    const error = await failure(notifier)
    expect(error).toBeInstanceOf(SlackError)
    expect(error).toMatchObject({ code, message, facts: { status } })
    expect(slack.received).toHaveLength(1)
  })

  it.each([301, 302, 303, 307, 308])('%i is refused and the redirect not followed', async (status) => {
    const elsewhere = await openStandIn({ status: 200 })
    opened.push(elsewhere)
    const { notifier } = await connect([{ status, headers: { location: elsewhere.url } }])
    expect(await failure(notifier)).toMatchObject({ code: 'SLACK_REFUSED', facts: { status } })
    expect(elsewhere.received).toEqual([])
  })

  it('is read no further than its first bytes', async () => {
    const { notifier } = await connect([{ status: 400, body: 'x'.repeat(5_000_000) }])
    expect(await failure(notifier)).toMatchObject({ code: 'SLACK_REFUSED', message: 'slack: answered 400' })
  })
})

describe('429 and 503', () => {
  it.each([
    ['seconds', 429, '30', 30_000],
    ['a date', 429, 'Thu, 01 Jan 2026 00:00:45 GMT', 45_000],
    ['nothing, so our own back-off', 429, undefined, 1_000],
    ['nonsense, so our own back-off', 429, 'soon', 1_000],
    ['seconds, with 503', 503, '7', 7_000],
  ])('are waited out as Retry-After says: %s', async (_, status, retryAfter, waitMs) => {
    const limited = { status, ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }) }
    const { slack, notifier, waiting, virtual } = await connect([limited, { status: 200 }])
    const wait = waiting(waitMs)
    const post = notifier.notify({ title: 'a' })
    await wait
    await virtual.advance(waitMs - 1)
    expect(slack.received).toHaveLength(1)
    await virtual.advance(1)
    await post
    expect(slack.received).toHaveLength(2)
    expect(virtual.pending).toBe(0)
  })

  it('end with SLACK_RATE_LIMITED after the last attempt', async () => {
    const { slack, notifier, waiting, virtual } = await connect([{ status: 429, headers: { 'retry-after': '2' } }], { attempts: 3 })
    const failed = failure(notifier)
    for (let wait = 0; wait < 2; wait += 1) {
      await waiting(2_000)
      await virtual.advance(2_000)
    }
    expect(await failed).toMatchObject({ code: 'SLACK_RATE_LIMITED', facts: { status: 429, retryAfterMs: 2_000 } })
    expect(slack.received).toHaveLength(3)
  })

  it('end at once where Slack asks for more than maxRetryAfterMs: coming back early would only prolong it', async () => {
    const { slack, notifier } = await connect([{ status: 429, headers: { 'retry-after': '61' } }])
    expect(await failure(notifier)).toMatchObject({ code: 'SLACK_RATE_LIMITED', facts: { retryAfterMs: 61_000 } })
    expect(slack.received).toHaveLength(1)
  })

  it('hold back those behind, who then go on', async () => {
    const { slack, notifier, waiting, virtual } = await connect([{ status: 429, headers: { 'retry-after': '30' } }, { status: 200 }])
    const wait = waiting(30_000)
    const posts = [notifier.notify({ title: 'a' }), notifier.notify({ title: 'b' })]
    await wait
    expect(slack.received).toHaveLength(1)
    await virtual.advance(30_000)
    await Promise.all(posts)
    expect(slack.received.map(({ message }) => message.text)).toEqual(['a', 'a', 'b'])
  })

  it('stop the wait when the signal aborts, with its own reason and no timer left', async () => {
    const { notifier, waiting, virtual } = await connect([{ status: 429, headers: { 'retry-after': '30' } }])
    const giveUp = new AbortController()
    const wait = waiting(30_000)
    const failed = failure(notifier, { signal: giveUp.signal })
    await wait
    giveUp.abort(new Error('shutting down'))
    expect(await failed).toMatchObject({ message: 'shutting down' })
    expect(virtual.pending).toBe(0)
  })
})

describe('no answer', () => {
  it('is SLACK_TIMEOUT after timeoutMs, and not repeated: Slack may have posted it', async () => {
    const { slack, notifier, virtual } = await connect([() => {}], { timeoutMs: 5_000 })
    const arrived = slack.arrival()
    const failed = failure(notifier)
    await arrived
    await virtual.advance(5_000)
    expect(await failed).toMatchObject({ code: 'SLACK_TIMEOUT' })
    expect(slack.received).toHaveLength(1)
  })

  it('is SLACK_UNREACHABLE where the connection breaks, and not repeated', async () => {
    const { slack, notifier } = await connect([(response) => response.destroy()])
    expect(await failure(notifier)).toMatchObject({ code: 'SLACK_UNREACHABLE', facts: { reason: expect.stringMatching(/^\w+$/) } })
    expect(slack.received).toHaveLength(1)
  })

  it('is tried again where no connection came about', async () => {
    const time = createWatchedClock()
    const webhookUrl = `http://127.0.0.1:${await closedPort()}/services/T0CANARY`
    const notifier = slackNotifier({ webhookUrl, allowedHosts: ['127.0.0.1'], clock: time.clock, attempts: 3 })
    const failed = failure(notifier)
    for (const waitMs of [1_000, 2_000]) {
      await time.waiting(waitMs)
      await time.virtual.advance(waitMs)
    }
    expect(await failed).toMatchObject({ code: 'SLACK_UNREACHABLE', facts: { reason: 'ECONNREFUSED' } })
  })

  it('is waited for no longer when the signal aborts', async () => {
    const { slack, notifier, virtual } = await connect([() => {}])
    const giveUp = new AbortController()
    const arrived = slack.arrival()
    const failed = failure(notifier, { signal: giveUp.signal })
    await arrived
    giveUp.abort(new Error('shutting down'))
    expect(await failed).toMatchObject({ message: 'shutting down' })
    expect(virtual.pending).toBe(0)
  })

  it('is not asked for when the signal has aborted already', async () => {
    const { slack, notifier } = await connect([{ status: 200 }])
    expect(await failure(notifier, { signal: AbortSignal.abort(new Error('too late')) })).toMatchObject({ message: 'too late' })
    expect(slack.received).toEqual([])
  })
})

describe('the line', () => {
  it('lets one that waits leave at once, and never sends it', async () => {
    const held: (() => void)[] = []
    const { slack, notifier } = await connect([(response) => held.push(() => response.end('ok')), { status: 200 }])
    const giveUp = new AbortController()
    const arrived = slack.arrival()
    const first = notifier.notify({ title: 'a' })
    const second = failure(notifier, { signal: giveUp.signal })
    const third = notifier.notify({ title: 'c' })
    await arrived
    giveUp.abort(new Error('shutting down'))
    expect(await second).toMatchObject({ message: 'shutting down' })
    held[0]?.()
    await Promise.all([first, third])
    expect(slack.received.map(({ message }) => message.text)).toEqual(['a', 'c'])
  })

  it('is bounded: one more than maxQueued is SLACK_BUSY, until there is room again', async () => {
    const held: (() => void)[] = []
    const { slack, notifier } = await connect([(response) => held.push(() => response.end('ok')), { status: 200 }], { maxQueued: 1 })
    const arrived = slack.arrival()
    const posts = [notifier.notify({ title: 'a' }), notifier.notify({ title: 'b' })]
    await arrived
    expect(await failure(notifier)).toMatchObject({ code: 'SLACK_BUSY' })
    held[0]?.()
    await Promise.all(posts)
    await notifier.notify({ title: 'c' })
    expect(slack.received).toHaveLength(3)
  })
})

describe('the webhook URL', () => {
  const canaries = /T0CANARY|B0CANARY|s3cr3tCANARY/

  it('is in no inspected notifier', async () => {
    const { notifier } = await connect([])
    expect(inspect(notifier, { depth: 20, showHidden: true })).not.toMatch(canaries)
    expect(JSON.stringify(notifier)).not.toMatch(canaries)
  })

  it.each<[string, Step]>([
    ['a refusal', { status: 400, body: 'invalid_payload' }],
    ['an answer that repeats the URL', { status: 404, body: 'Cannot POST /services/T0CANARY/B0CANARY/s3cr3tCANARY' }],
    ['an answer that repeats only the key', { status: 404, body: 's3cr3tCANARY' }],
    ['a redirect to the same', { status: 302, headers: { location: '/services/T0CANARY/B0CANARY/s3cr3tCANARY' } }],
    ['a limit', { status: 429, headers: { 'retry-after': '9999' }, body: 'T0CANARY' }],
    ['a broken connection', (response) => response.destroy()],
    ['half an answer', (response) => response.socket?.end('HTTP/1.1 4')],
    ['what is no HTTP', (response) => response.socket?.end('s3cr3tCANARY T0CANARY\r\n\r\n')],
  ])('is in no error: %s', async (_, step) => {
    const { notifier } = await connect([step])
    const error = await failure(notifier)
    expect(error.code).toMatch(/^SLACK_/)
    expect(error.cause).toBeUndefined()
    expect(`${inspect(error, { depth: 20, showHidden: true })}${error.stack}${JSON.stringify(error)}`).not.toMatch(canaries)
  })

  it.each([
    ['not a URL at all', 's3cr3tCANARY', undefined],
    ['http', 'http://hooks.slack.com/services/s3cr3tCANARY', undefined],
    ['another scheme', 'file:///s3cr3tCANARY', undefined],
    ['user info', 'https://hooks.slack.com:s3cr3tCANARY@hooks.slack.com/x', undefined],
    ['a host that only ends alike', 'https://evil-hooks.slack.com/s3cr3tCANARY', undefined],
    ['a host that only begins alike', 'https://hooks.slack.com.evil.example/s3cr3tCANARY', undefined],
    ['the host as user info', 'https://hooks.slack.com@evil.example/s3cr3tCANARY', undefined],
    ['another port', 'https://hooks.slack.com:8443/s3cr3tCANARY', undefined],
    ['loopback unlisted', 'http://127.0.0.1/s3cr3tCANARY', undefined],
    ['loopback as a number', 'https://2130706433/s3cr3tCANARY', undefined],
    ['loopback in IPv6', 'https://[::1]/s3cr3tCANARY', undefined],
    ['loopback mapped to IPv6', 'https://[::ffff:127.0.0.1]/s3cr3tCANARY', undefined],
    ['cloud metadata', 'https://169.254.169.254/s3cr3tCANARY', undefined],
    ['http to a listed host that is not loopback', 'http://slack.lab/s3cr3tCANARY', ['slack.lab']],
    ['no host listed', 'https://hooks.slack.com/s3cr3tCANARY', []],
  ])('is refused without being told: %s', (_, webhookUrl, allowedHosts) => {
    const error = thrownBy(() => slackNotifier({ webhookUrl, ...(allowedHosts && { allowedHosts }) }))
    expect(error).toMatchObject({ code: 'SLACK_OPTIONS', message: expect.stringMatching(/^webhookUrl /) })
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(canaries)
  })

  it.each([
    ['https://hooks.slack.com/services/T/B/X', undefined],
    ['https://hooks.slack.com:443/services/T/B/X', undefined],
    ['https://HOOKS.slack.com/services/T/B/X', undefined],
    ['https://hooks.slack-gov.com/services/T/B/X', ['hooks.slack-gov.com']],
    ['https://slack.lab:8443/x', ['slack.lab:8443']],
    ['http://localhost:8080/x', ['localhost']],
    ['http://[::1]:8080/x', ['[::1]']],
    ['http://2130706433:8080/x', ['127.0.0.1']],
  ])('is taken: %s', (webhookUrl, allowedHosts) => {
    expect(slackNotifier({ webhookUrl, ...(allowedHosts && { allowedHosts }) }).name).toBe('slack')
  })
})

describe('an option out of bounds', () => {
  const webhookUrl = 'https://hooks.slack.com/services/T/B/X'
  it.each<[string, Partial<SlackNotifierOptions>]>([
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: 2_147_483_648 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['attempts', { attempts: 0 }],
    ['attempts', { attempts: 11 }],
    ['attempts', { attempts: 1.5 }],
    ['maxRetryAfterMs', { maxRetryAfterMs: -1 }],
    ['maxQueued', { maxQueued: -1 }],
  ])('is SLACK_OPTIONS naming it: %s', (option, options) => {
    expect(() => slackNotifier({ webhookUrl, ...options })).toThrow(
      expect.objectContaining({ code: 'SLACK_OPTIONS', message: expect.stringContaining(option) }),
    )
  })
})

function thrownBy(make: () => unknown): unknown {
  try {
    return make()
  } catch (error) {
    return error
  }
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
