/**
 * Makes text safe inside Slack's mrkdwn: `<!channel>`, `<@U1>` and `<https://evil|good>` stay text. Escapes `&`, `<` and `>`, in that
 * order and nothing else, so `*bold*` stays bold.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** {@link escapeMrkdwn}, then at most `limit` characters from the start, `…` marking the cut. Halves no entity and no surrogate pair. */
export function escapeStart(text: string, limit: number): string {
  // Escaping never shortens, so no more than this can matter of a text of megabytes.
  const escaped = escapeMrkdwn(toWellFormed(text.slice(0, limit + 1)))
  if (escaped.length <= limit) return escaped
  // Every `&` of escaped text begins an entity, so one without its `;` at the end was cut in two.
  return `${escaped.slice(0, limit - 1).replace(/&[a-z]*$|[\uD800-\uDBFF]$/, '')}…`
}

/** As {@link escapeStart}, but keeps the end: a log says last what went wrong. */
export function escapeEnd(text: string, limit: number): string {
  const escaped = escapeMrkdwn(toWellFormed(text.slice(-limit - 1)))
  if (escaped.length <= limit) return escaped
  return `…${escaped.slice(1 - limit).replace(/^(?:(?:amp|mp|p|lt|gt|t)?;|[\uDC00-\uDFFF])/, '')}`
}

/** Slack answers `invalid_payload` to half a surrogate pair. With the `u` flag only a lone half matches. */
function toWellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD')
}
