import { expect, it } from 'vitest'
import * as server from './index.js'

it('exports these names and no others', () => {
  expect(Object.keys(server).toSorted()).toEqual(['ApiError', 'butlerApi', 'endpoints', 'toProblem'])
})
