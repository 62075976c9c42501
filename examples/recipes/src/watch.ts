import { createRouter, deadLetters, type Butler, type Notifier } from '@butlerkit/core'
import { butlerApi } from '@butlerkit/server-express'
import express, { type Express } from 'express'

/** Tells people of every message that could not be handled, whichever butler gave it up. */
export const deadLetterAlerts = createRouter<{ readonly notify: Notifier }>().on(deadLetters, async ({ payload, ctx, signal }) => {
  const { topic, route, reason, attempts, lastError, payload: excerpt } = payload
  await ctx.notify.notify(
    { title: `${topic}: ${reason}`, severity: 'error', text: lastError, fields: { route, attempts }, excerpt },
    { signal },
  )
})

/** Tells machines how a butler is: `/livez`, `/readyz`, and `/metrics` for Prometheus. */
export function watch(butler: Butler<object>): Express {
  return express()
    .use(butlerApi({ butler }))
    .get('/metrics', (_request, response) => {
      const { counters, handlerMs, inWork } = butler.metrics()
      response
        .type('text/plain')
        .send(
          [
            ...Object.entries(counters).map(([event, count]) => `butler_messages_total{event="${event}"} ${count}`),
            `butler_handler_seconds_sum ${handlerMs.total / 1_000}`,
            `butler_handler_seconds_count ${handlerMs.count}`,
            `butler_messages_in_work ${inWork}`,
            '',
          ].join('\n'),
        )
    })
}
