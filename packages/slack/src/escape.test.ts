import { describe, expect, it } from 'vitest'
import { escapeEnd, escapeMrkdwn, escapeStart } from './escape.js'

describe('escapeMrkdwn', () => {
  it.each([
    ['a & b < c > d', 'a &amp; b &lt; c &gt; d'],
    ['<!channel> <@U1> <#C1>', '&lt;!channel&gt; &lt;@U1&gt; &lt;#C1&gt;'],
    ['<https://evil.example|Sense>', '&lt;https://evil.example|Sense&gt;'],
    ['&lt;', '&amp;lt;'],
    [`*bold* _it_ "quote" 'quote' \`code\``, `*bold* _it_ "quote" 'quote' \`code\``],
    ['', ''],
  ])('%s', (text, escaped) => {
    expect(escapeMrkdwn(text)).toBe(escaped)
  })
})

describe('a cut', () => {
  const pieces = ['a', '&', '<', '>', '😀', 'é', ';', 'lt;']
  const texts = pieces.flatMap((one) => pieces.flatMap((two) => pieces.map((three) => (one + two + three).repeat(4))))
  const whole = /^(?:&(?:amp|lt|gt);|[^&<>\p{Surrogate}])*$/u

  it('never passes the limit, halves an entity or a surrogate pair, and loses no more than it must', () => {
    for (const text of texts) {
      const { length } = escapeMrkdwn(text)
      for (let limit = 6; limit <= 40; limit += 1) {
        for (const cut of [escapeStart(text, limit), escapeEnd(text, limit)]) {
          expect(cut).toMatch(whole)
          expect(cut.length).toBeLessThanOrEqual(limit)
          expect(cut.length).toBeGreaterThan(Math.min(length + 1, limit) - 7)
        }
      }
    }
  })

  it.each([
    ['abcdef', 4, 'abc…', '…def'],
    ['ab&cd', 5, 'ab…', '…cd'],
    ['<<', 6, '&lt;…', '…&lt;'],
    ['a😀b', 3, 'a…', '…b'],
  ])('%s at %i keeps the start or the end', (text, limit, start, end) => {
    expect(escapeStart(text, limit)).toBe(start)
    expect(escapeEnd(text, limit)).toBe(end)
  })

  it('replaces a lone surrogate, which Slack refuses', () => {
    expect(escapeStart('a\uD83Db', 10)).toBe('a\uFFFDb')
    expect(escapeEnd('\uDE00b', 10)).toBe('\uFFFDb')
  })
})
