import { butlerApi, type ButlerServices } from '@butlerkit/server-express'
import express from 'express'

export function createApp(butler: ButlerServices) {
  const app = express()
  app.use('/butler', butlerApi({ butler, apiKeys: [process.env['BUTLER_API_KEY'] ?? ''] }))
  return app
}
