import { slackNotifier } from '@butlerkit/slack'

const slack = slackNotifier({ webhookUrl: process.env['SLACK_WEBHOOK_URL'] ?? '' })

await slack.notify({
  title: 'Reload failed',
  severity: 'error',
  text: 'Sales did not reload tonight.',
  fields: { task: 'Reload Sales', host: 'sense1.lab' },
  excerpt: 'Error: Table not found: LOAD * FROM [lib://sales/2026.qvd]',
  links: { QMC: 'https://sense1.lab/qmc' },
})
