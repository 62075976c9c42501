import { expect, it } from 'vitest'
import { demoSite } from './demo-site.js'
import { parseSite } from './site-schema.js'

it('is a site that holds together', () => {
  expect(parseSite(demoSite)).toEqual(demoSite)
})
