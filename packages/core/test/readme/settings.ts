import { readConfig, secret } from '@butlerkit/core/config'
import { z } from 'zod'

export const settings = readConfig(
  {
    BUTLER_MQTT_URL: z.url(),
    BUTLER_SLACK_WEBHOOK: secret(z.url(), 'must be the URL of an incoming webhook'), // or BUTLER_SLACK_WEBHOOK_FILE
    BUTLER_DRAIN_MS: z.coerce.number().int().default(4_000),
  },
  { prefix: 'BUTLER_' }, // a mistyped BUTLER_ variable is an error, too
)
