import { expect, it } from 'vitest'
import * as slack from './index.js'

it('exports these names and no others', () => {
  expect(Object.keys(slack).toSorted()).toEqual(['SlackError', 'escapeMrkdwn', 'slackNotifier', 'toBlocks'])
})
