import { z } from 'zod'
import { endpoint } from '../endpoint.js'

const message = {
  msg: z.string().min(1),
  channel: z.string().optional(),
  from_user: z.string().optional(),
  emoji: z.string().optional(),
}

/**
 * Tells people something through the given notifier, Slack or another. Slack's webhooks of today are bound to one channel and one name, so
 * `from_user` and `emoji` become the title and `channel` a field of the notification: they route nothing.
 */
export const postMessage = endpoint({
  method: 'GET',
  path: '/slackPostMessage',
  summary: 'Notifies people and answers once the notifier has delivered',
  access: 'key',
  needs: ['notify'],
  query: z.strictObject(message),
  reply: z.object(message),
  async handler({ query, services, signal }) {
    const { msg, channel, from_user: from = 'Butler', emoji } = query
    const title = emoji ? `${emoji} ${from}` : from
    await services.notify.notify({ title, text: msg, ...(channel && { fields: { channel } }) }, { signal })
    return query
  },
})
