import { verifyWebhook, WebhookError, type WebhookEvent } from '@butlerkit/sense/cloud'
import express, { type Router } from 'express'

export function qlikWebhook(secret: string, onEvent: (event: WebhookEvent) => void): Router {
  // Not express.json: the signature is of the body as it came.
  return express.Router().post('/webhooks/qlik', express.raw({ type: () => true }), (request, response) => {
    try {
      onEvent(verifyWebhook(request.body, request.headers['qlik-signature'], secret))
      response.sendStatus(204)
    } catch (error) {
      response.sendStatus(error instanceof WebhookError ? 401 : 500)
    }
  })
}
