import type { Notification, Severity } from '@butlerkit/core'
import { escapeEnd, escapeMrkdwn, escapeStart } from './escape.js'

/** One Block Kit block, as Slack takes it. @see https://docs.slack.dev/reference/block-kit/blocks */
export interface SlackBlock {
  readonly type: string
  readonly [field: string]: unknown
}

/** Slack's limits, in characters unless they say otherwise. @see https://docs.slack.dev/reference/block-kit/blocks */
const limits = { header: 150, section: 3_000, field: 2_000, fieldsInSection: 10 } as const

/** The most blocks Slack takes in one message. */
export const maxBlocks = 50

const marks = { info: '', warning: '⚠️ ', error: '❌ ' } as const satisfies Record<Severity, string>

/**
 * The blocks of a notification: header (title), sections (text, fields by tens), a preformatted block (the end of the excerpt) and a
 * line of links. Whatever is absent or empty is left out, everything is escaped and cut to Slack's limits; never more than 50 blocks.
 */
export function toBlocks({
  title,
  severity = 'info',
  text = '',
  fields = {},
  excerpt = '',
  links = {},
}: Notification): readonly SlackBlock[] {
  const blocks: SlackBlock[] = []
  const header = `${marks[severity]}${title.replaceAll(/\s+/g, ' ')}`.trim()
  if (header) blocks.push({ type: 'header', text: { type: 'plain_text', text: escapeStart(header, limits.header) } })
  if (text.trim()) blocks.push(section(escapeStart(text, limits.section)))
  blocks.push(...fieldSections(Object.entries(fields)))
  if (excerpt.trim()) blocks.push(section(preformatted(excerpt)))
  const line = linkLine(Object.entries(links))
  if (line) blocks.push(section(line))
  return blocks
}

/** The one line shown where blocks are not: in a push notification, in a list of threads. */
export function toFallbackText({ title, severity = 'info', text = '' }: Notification): string {
  return escapeStart(`${marks[severity]}${title}${text && `: ${text}`}`, limits.section)
}

// `verbatim` keeps `@here`, `#general` and bare URLs the text they are.
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text, verbatim: true })
const section = (text: string): SlackBlock => ({ type: 'section', text: mrkdwn(text) })

function fieldSections(fields: readonly (readonly [string, string | number])[]): SlackBlock[] {
  const most = (maxBlocks - 4) * limits.fieldsInSection // room for header, text, excerpt and links
  const texts = fields.slice(0, most).map(([name, value]) => mrkdwn(fieldText(name, String(value))))
  const sections: SlackBlock[] = []
  for (let from = 0; from < texts.length; from += limits.fieldsInSection) {
    sections.push({ type: 'section', fields: texts.slice(from, from + limits.fieldsInSection) })
  }
  return sections
}

function fieldText(name: string, value: string): string {
  const label = `*${escapeStart(name, 200)}*\n`
  return `${label}${escapeStart(value, limits.field - label.length)}`
}

function preformatted(text: string): string {
  // Three backticks would end the block early, so a zero-width space parts them.
  const inner = text.replaceAll('```', '`\u200B`\u200B`')
  return `\`\`\`\n${escapeEnd(inner, limits.section - 8)}\n\`\`\``
}

function linkLine(links: readonly (readonly [string, string])[]): string {
  let line = ''
  for (const [label, url] of links) {
    const next = line === '' ? link(label, url) : `${line} · ${link(label, url)}`
    // A link cut in two is no link, so one that does not fit is left out whole.
    if (next.length <= limits.section) line = next
  }
  return line
}

function link(label: string, url: string): string {
  const text = escapeStart(label.replaceAll(/[\s|]+/g, ' '), 200)
  // What is no web address (`javascript:…`, half a URL) is shown, not linked.
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return `${text}: ${escapeStart(url, 500)}`
  return `<${escapeMrkdwn(new URL(url).href.replaceAll('|', '%7C'))}|${text}>`
}
