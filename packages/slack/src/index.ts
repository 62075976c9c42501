// The notifier
export { slackNotifier, type SlackNotifierOptions } from './slack-notifier.js'
export { SlackError, type SlackErrorCode, type SlackErrorFacts } from './errors.js'

// What a message looks like
export { toBlocks, type SlackBlock } from './blocks.js'
export { escapeMrkdwn } from './escape.js'
