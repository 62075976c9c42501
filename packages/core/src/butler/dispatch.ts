import type { Pipeline } from '../router/pipeline.js'
import type { Report } from '../router/reports.js'
import type { Route } from '../router/router.js'
import type { TopicMatcher } from '../topic/matcher.js'
import type { Disposition, InboundMessage, Transport } from '../transport/transport.js'
import type { Listening } from './listening.js'
import type { MetricsRecorder } from './metrics.js'
import type { Publishing } from './publishing.js'
import type { ExpectedRetained } from './state.js'
import { listensTo, routesFor } from './subscription-plan.js'
import type { Watching } from './watching.js'

/** What takes an interest in messages that come in. */
export interface DispatchHost {
  readonly matcher: TopicMatcher<Route>
  readonly pipeline: Pipeline
  readonly publishing: Publishing
  readonly listening: Listening
  readonly watching: Watching
  readonly expectedRetained: ExpectedRetained
  readonly metrics: MetricsRecorder
  readonly report: Report
}

/** Hands one message to whoever it is for: a request that waits for it, `once` and `state`, and every route that matches. */
export function dispatch(host: DispatchHost, message: InboundMessage, transport: Transport): Disposition | Promise<Disposition> {
  const { matcher, pipeline, publishing, listening, watching, expectedRetained, metrics, report } = host
  if (publishing.takeReply(message)) return 'ack'
  metrics.count('received', message)
  const watched = watching.show(message)
  if (watched && message.retain && expectedRetained.has(message.topic)) return 'ack'
  const found = matcher.match(message.topic)
  const matched = found.every((each) => listensTo(each, transport.name)) ? found : found.filter((each) => listensTo(each, transport.name))
  const routes = routesFor(listening.plan(transport), matched, message.subscriptionIds)
  const [route] = routes
  if (route === undefined) {
    if (matched.length === 0 && !watched) report('unmatched', { transport: transport.name, topic: message.topic })
    return 'ack'
  }
  if (routes.length === 1) return pipeline.run(route, message, transport.name)
  return runAll(routes.map(async (each) => pipeline.run(each, message, transport.name)))
}

async function runAll(runs: readonly Promise<Disposition>[]): Promise<Disposition> {
  return (await Promise.all(runs)).includes('leave') ? 'leave' : 'ack'
}
