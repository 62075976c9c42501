import { describe, expect, it } from 'vitest'
import { createSourceList } from './source-list.js'

describe('the source list', () => {
  it.each([
    [['10.1.2.3'], '10.1.2.3', true],
    [['10.1.2.3'], '10.1.2.4', false],
    [['10.1.0.0/16'], '10.1.255.255', true],
    [['10.1.0.0/16'], '10.2.0.0', false],
    [['10.1.2.3'], '::ffff:10.1.2.3', true],
    [['::1'], '::1', true],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['fd00::/8'], '2001:db8::1', false],
    [['10.1.2.3', 'fd00::/8'], 'fd12::1', true],
    [[], '127.0.0.1', false],
  ])('of %j asked for %s says %s', (sources, address, allowed) => {
    expect(createSourceList(sources).allows(address)).toBe(allowed)
  })

  it.each(['sense1.lab', '', '*', '10.1.2', '10.1.2.3/33', '10.1.2.3/', '10.1.2.3/8/8', '::1/129', '10.1.2.3:9998'])(
    'refuses %j',
    (source) => {
      expect(() => createSourceList([source])).toThrow(expect.objectContaining({ code: 'SENSE_EVENTS_OPTION' }))
    },
  )
})
