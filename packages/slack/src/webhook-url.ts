import { SlackError } from './errors.js'

const loopback = new Set(['127.0.0.1', '[::1]', 'localhost'])

/**
 * Reads the webhook URL and checks where it points, so that no configuration can send us elsewhere: https, no user info, and a host that
 * is listed exactly (with its port, unless that is 443). A loopback host, when listed, may use http and any port.
 *
 * @throws {@link SlackError} `SLACK_OPTIONS` saying what is wrong, never the URL
 */
export function parseWebhookUrl(webhookUrl: string, allowedHosts: readonly string[]): URL {
  // Node's own error for a bad URL holds the URL.
  if (!URL.canParse(webhookUrl)) throw refuse('is not a URL')
  const url = new URL(webhookUrl)
  const isLoopback = loopback.has(url.hostname)
  if (url.protocol !== 'https:' && !(isLoopback && url.protocol === 'http:')) throw refuse('must begin with https://')
  if (url.username !== '' || url.password !== '') throw refuse('must not hold a user or password')
  if (!allowedHosts.includes(isLoopback ? url.hostname : url.host)) {
    throw refuse(`points to a host that is not in allowedHosts (${allowedHosts.join(', ') || 'empty'})`)
  }
  return url
}

function refuse(what: string): SlackError {
  return new SlackError('SLACK_OPTIONS', `webhookUrl ${what}`)
}
