import { withFields } from '../logger.js'
import type { Disposition, InboundMessage } from '../transport/transport.js'
import { answerInvalid } from '../request/answer.js'
import { runAttempts, type AttemptsOutcome, type EarlierRuns } from './attempts.js'
import { claimKey, type Claim } from './dedupe.js'
import { buryMessage, giveUp } from './give-up.js'
import { HandlerMessage, type RunSurroundings } from './handler-run.js'
import { createLanes, type Lanes, type ReleaseLane } from './lanes.js'
import { openMessage, type OpenedMessage } from './open.js'
import type { Passage, PassageOutcome, PipelineHost } from './passage.js'
import { takeReplyTo } from '../request/reply.js'
import { routeDefaults } from './route-options.js'
import type { Route } from './router.js'

/** Runs messages through routes. */
export interface Pipeline {
  /**
   * Takes one message through one route, in this order: limits, decode, validate, dedupe, lane, handler within its time and with its retries,
   * reply or dead letter. Never rejects.
   *
   * @param earlier - for a message that was parked: the run to begin with
   * @returns what becomes of the message, once that is certain
   */
  run(route: Route, message: InboundMessage, transport: string, earlier?: EarlierRuns): Promise<Disposition>
}

export function createPipeline(host: PipelineHost): Pipeline {
  const lanesOf = new Map<Route, Lanes>()

  return {
    run(route, inbound, transport, earlier = { attempt: 1 }) {
      const { ack = routeDefaults.ack } = route.options
      const report = { transport, topic: inbound.topic, route: route.topic.pattern }
      return new Promise((resolve) => {
        const passage: Passage = { host, route, inbound, report, ack: ack === 'manual' ? () => resolve('ack') : () => {} }
        if (ack === 'before') resolve('ack')
        void host.workload
          .track(() => passThrough(passage, earlier))
          .then((outcome) => resolve(outcome === 'left' || (ack === 'manual' && outcome === 'handled') ? 'leave' : 'ack'))
      })
    },
  }

  async function passThrough(passage: Passage, earlier: EarlierRuns): Promise<PassageOutcome> {
    let opened: OpenedMessage
    try {
      opened = await openMessage(passage.route, passage.inbound)
    } catch (error) {
      return refuse(passage, error)
    }
    const around = surroundings(passage)
    let claim: Claim | undefined
    let release: ReleaseLane | undefined
    let outcome: AttemptsOutcome = 'settled'
    try {
      const { route, inbound, report } = passage
      const message = new HandlerMessage(inbound, opened, report.transport, earlier.attempt, around)
      // A message that was parked still holds its claim.
      if (earlier.attempt === 1) claim = await claimKey(route, message, host.store)
      if (claim?.taken) {
        host.report('deduplicated', { ...report, key: claim.key })
        return 'settled'
      }
      const lane = laneFor(route)
      if (lane) release = await host.workload.rest(() => lane.enter(route.options.key?.(message)))
      outcome = await runAttempts(passage, opened, around, earlier)
      if (outcome === 'settled' || outcome === 'left') await claim?.forget()
    } catch (error) {
      // Not the handler: `dedupe.by`, `key` or a store.
      outcome = await giveUp(passage, { attempts: 0, firstError: error, lastError: error })
    } finally {
      release?.()
    }
    return outcome === 'parked' ? 'settled' : outcome
  }

  function surroundings({ report, ack }: Passage): RunSurroundings {
    const { clock, services, publisher, workload } = host
    return {
      clock,
      services,
      publisher,
      ack,
      log: withFields(host.logger, { topic: report.topic, route: report.route }),
      stopped: workload.stopped,
      waitUntil(work) {
        const tracked = workload.track(() => work(workload.stopped))
        tracked.catch((error: unknown) => {
          if (workload.stopped.aborted) host.report('abandoned', report)
          else host.report('failed', { ...report, error, stage: 'background', attempt: 1 })
        })
      },
    }
  }

  function laneFor(route: Route): Lanes | undefined {
    const { key, concurrency } = route.options
    if (key === undefined && concurrency === undefined) return undefined
    let lanes = lanesOf.get(route)
    if (lanes === undefined) lanesOf.set(route, (lanes = createLanes(concurrency ?? routeDefaults.concurrency)))
    return lanes
  }
}

/** What the route's `invalid` says about a message that does not fit its contract. */
async function refuse(passage: Passage, error: unknown): Promise<PassageOutcome> {
  const { host, route, inbound, report } = passage
  const failure = { attempts: 0, firstError: error, lastError: error }
  host.report('invalid', { ...report, error })
  const { invalid = routeDefaults.invalid } = route.options
  if (invalid === 'throw') return giveUp(passage, failure)
  if (invalid === 'dead-letter') return buryMessage(passage, failure)
  const address = invalid === 'reply-error' ? replyAddress(passage) : undefined
  if (address) await answerInvalid(passage, address, error)
  return 'settled'

  function replyAddress({ route: { topic } }: Passage) {
    return takeReplyTo(decodeOrNothing(), inbound.properties).address

    function decodeOrNothing(): unknown {
      try {
        return topic.codec.decode(inbound.payload)
      } catch {
        return undefined
      }
    }
  }
}
