import { expect, it } from 'vitest'
import * as api from './index.js'

it('exports what it says', () => {
  expect(Object.keys(api).toSorted()).toEqual(['AsyncApiError', 'asyncapi'])
})
