import { expect, it } from 'vitest'
import * as config from './index.js'

it('exports what it says', () => {
  expect(Object.keys(config).toSorted()).toEqual(['ConfigError', 'Secret', 'readConfig', 'secret'])
})
