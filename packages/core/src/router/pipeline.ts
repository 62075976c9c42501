import type { Disposition, InboundMessage } from '../transport/transport.js'
import { answerInvalid } from '../request/answer.js'
import { takeReplyTo } from '../request/reply.js'
import { runAttempts, type AttemptsOutcome, type EarlierRuns } from './attempts.js'
import type { Awaitable } from './awaitable.js'
import { claimKey, type Claim } from './dedupe.js'
import { buryMessage, giveUp } from './give-up.js'
import { HandlerMessage } from './handler-message.js'
import { createLanes, type Lanes, type ReleaseLane } from './lanes.js'
import { openMessage, type OpenedMessage } from './open.js'
import type { Passage, PassageOutcome, PipelineHost } from './passage.js'
import { routeDefaults } from './route-options.js'
import type { Route } from './router.js'

/** Runs messages through routes. */
export interface Pipeline {
  /**
   * Takes one message through one route, in this order: limits, decode, validate, dedupe, lane, handler within its time and with its retries,
   * reply or dead letter. Never throws or rejects. Where nothing on the way has to be waited for, it is through at once.
   *
   * @param earlier - for a message that was parked: the run to begin with
   * @returns what becomes of the message, once that is certain
   */
  run(route: Route, message: InboundMessage, transport: string, earlier?: EarlierRuns): Awaitable<Disposition>
}

const firstRun: EarlierRuns = { attempt: 1 }
const nothing = () => {}

export function createPipeline(host: PipelineHost): Pipeline {
  const lanesOf = new WeakMap<Route, Lanes>()

  return {
    run(route, inbound, transport, earlier = firstRun) {
      const { ack = routeDefaults.ack } = route.options
      const report = { transport, topic: inbound.topic, route: route.topic.pattern }
      if (ack === 'manual') {
        return new Promise((resolve) => {
          const outcome = pass({ host, route, inbound, report, ack: () => resolve('ack') }, earlier)
          void Promise.resolve(outcome).then((end) => resolve(end === 'settled' ? 'ack' : 'leave'))
        })
      }
      const outcome = pass({ host, route, inbound, report, ack: nothing }, earlier)
      if (ack === 'before') return 'ack'
      return outcome instanceof Promise ? outcome.then(toDisposition) : toDisposition(outcome)
    },
  }

  function pass(passage: Passage, earlier: EarlierRuns): Awaitable<PassageOutcome> {
    host.workload.begin()
    const outcome = passThrough(passage, earlier)
    if (!(outcome instanceof Promise)) return ended(outcome)
    // Nothing on the way should reject; were it to, the message stays with its sender.
    return outcome.then(ended, (error: unknown) => {
      host.report('failed', { ...passage.report, error, stage: 'handler', attempt: 0 })
      return ended('left')
    })
  }

  function ended(outcome: AttemptsOutcome): PassageOutcome {
    host.workload.end()
    return outcome === 'parked' ? 'settled' : outcome
  }

  function passThrough(passage: Passage, earlier: EarlierRuns): Awaitable<AttemptsOutcome> {
    const { route, inbound } = passage
    let opened: Awaitable<OpenedMessage>
    try {
      opened = openMessage(route, inbound)
    } catch (error) {
      return refuse(passage, error)
    }
    if (!(opened instanceof Promise)) return enter(passage, opened, earlier)
    return opened.then(
      (checked) => enter(passage, checked, earlier),
      (error) => refuse(passage, error),
    )
  }

  function enter(passage: Passage, opened: OpenedMessage, earlier: EarlierRuns): Awaitable<AttemptsOutcome> {
    const { dedupe, key, concurrency } = passage.route.options
    const waits = dedupe !== undefined || key !== undefined || concurrency !== undefined
    return waits ? runInTurn(passage, opened, earlier) : runAttempts(passage, opened, earlier)
  }

  async function runInTurn(passage: Passage, opened: OpenedMessage, earlier: EarlierRuns): Promise<AttemptsOutcome> {
    const { route, report } = passage
    let claim: Claim | undefined
    let release: ReleaseLane | undefined
    try {
      const message = new HandlerMessage(passage, opened, earlier.attempt)
      // A message that was parked still holds its claim.
      if (earlier.attempt === 1) claim = await claimKey(route, message, host.store)
      if (claim?.taken) {
        host.report('deduplicated', { ...report, key: claim.key })
        return 'settled'
      }
      const lanes = lanesFor(route)
      if (lanes) release = await host.workload.rest(() => lanes.enter(route.options.key?.(message)))
      const outcome = await runAttempts(passage, opened, earlier)
      if (outcome === 'settled' || outcome === 'left') await claim?.forget()
      return outcome
    } catch (error) {
      // Not the handler: `dedupe.by`, `key` or a store.
      return await giveUp(passage, { attempts: 0, firstError: error, lastError: error })
    } finally {
      release?.()
    }
  }

  function lanesFor(route: Route): Lanes | undefined {
    const { key, concurrency } = route.options
    if (key === undefined && concurrency === undefined) return undefined
    let lanes = lanesOf.get(route)
    if (lanes === undefined) lanesOf.set(route, (lanes = createLanes(concurrency ?? routeDefaults.concurrency)))
    return lanes
  }
}

function toDisposition(outcome: PassageOutcome): Disposition {
  return outcome === 'left' ? 'leave' : 'ack'
}

/** What the route's `invalid` says about a message that does not fit its contract. */
async function refuse(passage: Passage, error: unknown): Promise<PassageOutcome> {
  const { host, route, inbound, report } = passage
  const failure = { attempts: 0, firstError: error, lastError: error }
  host.report('invalid', { ...report, error })
  const { invalid = routeDefaults.invalid } = route.options
  if (invalid === 'throw') return giveUp(passage, failure)
  if (invalid === 'dead-letter') return buryMessage(passage, failure)
  const address = invalid === 'reply-error' ? takeReplyTo(decodeOrNothing(), inbound.properties).address : undefined
  if (address) await answerInvalid(passage, address, error)
  return 'settled'

  function decodeOrNothing(): unknown {
    try {
      return route.topic.codec.decode(inbound.payload)
    } catch {
      return undefined
    }
  }
}
