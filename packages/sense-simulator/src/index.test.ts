import { expect, it } from 'vitest'
import * as simulator from './index.js'

it('exports what the README tells of, and nothing else', () => {
  expect(Object.keys(simulator).toSorted()).toEqual([
    'SimulatorError',
    'createCertificateAuthority',
    'parseSite',
    'simulateCloud',
    'simulateSense',
  ])
})
