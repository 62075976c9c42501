import { describe, expect, it } from 'vitest'
import { toBlocks, toFallbackText } from './blocks.js'

const texts = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => (key === 'text' && typeof inner === 'string' ? [inner] : texts(inner)))
    : []

describe('toBlocks', () => {
  it('leaves out what is absent or empty', () => {
    expect(toBlocks({ title: 'a', text: ' ', fields: {}, excerpt: '\n', links: {} }).map(({ type }) => type)).toEqual(['header'])
    expect(toBlocks({ title: '' })).toEqual([])
  })

  it('puts each part in its block, in reading order', () => {
    const blocks = toBlocks({
      title: 'Reload\nfailed',
      severity: 'warning',
      text: 'see below',
      fields: { task: 'Sales', tries: 3 },
      excerpt: 'line 1\nline 2',
      links: { QMC: 'https://sense.lab/qmc', Hub: 'https://sense.lab/hub?a=1&b=2' },
    })
    expect(texts(blocks)).toEqual([
      '⚠️ Reload failed',
      'see below',
      '*task*\nSales',
      '*tries*\n3',
      '```\nline 1\nline 2\n```',
      '<https://sense.lab/qmc|QMC> · <https://sense.lab/hub?a=1&amp;b=2|Hub>',
    ])
  })

  it('keeps the end of an excerpt, where a script log says what went wrong', () => {
    const [, block] = toBlocks({ title: 'a', excerpt: `${'x'.repeat(4_000)}\nError: table not found` })
    expect(texts(block)[0]).toMatch(/^```\n…x+\nError: table not found\n```$/)
    expect(texts(block)[0]).toHaveLength(3_000)
  })

  it('lets no excerpt end its own block', () => {
    const [, block] = toBlocks({ title: 'a', excerpt: '```\n<!channel>' })
    expect(texts(block)[0]?.split('```')).toHaveLength(3)
    expect(texts(block)[0]).toContain('&lt;!channel&gt;')
  })

  it.each([
    ['javascript:alert(1)', 'x: javascript:alert(1)'],
    ['not a url <!here>', 'x: not a url &lt;!here&gt;'],
    ['https://a.example/|evil>', '<https://a.example/%7Cevil%3E|x>'],
    ['https://a.example/?q=<!channel>', '<https://a.example/?q=%3C!channel%3E|x>'],
  ])('links %s safely', (url, line) => {
    expect(texts(toBlocks({ title: 'a', links: { x: url } })[1])).toEqual([line])
  })

  it('leaves no way into a link through its label', () => {
    expect(texts(toBlocks({ title: 'a', links: { 'b|c> <!channel>\n': 'https://a.example' } })[1])).toEqual([
      '<https://a.example/|b c&gt; &lt;!channel&gt; >',
    ])
  })

  it('stays within every limit of Slack, however large and wherever escaped', () => {
    const long = '<&>😀'.repeat(20_000)
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`${index}${long}`, long]))
    const links = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}${long}`, `https://a.example/${'a'.repeat(100)}`]))
    const blocks = toBlocks({ title: long, severity: 'error', text: long, fields: many, excerpt: long, links })
    expect(blocks).toHaveLength(50)
    for (const { type, fields = [], text } of blocks) {
      expect((fields as unknown[]).length).toBeLessThanOrEqual(10)
      for (const part of texts(fields)) expect(part.length).toBeLessThanOrEqual(2_000)
      for (const part of texts({ text })) expect(part.length).toBeLessThanOrEqual(type === 'header' ? 150 : 3_000)
    }
    expect(texts(blocks.at(-1))[0]).toMatch(/^<https.*>$/)
    expect(toFallbackText({ title: long, text: long }).length).toBeLessThanOrEqual(40_000)
  })
})
