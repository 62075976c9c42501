// The client
export { createCloud, type Cloud, type CloudOptions } from './cloud.js'
export { apiKey, oauth, type AccessToken, type CloudAuth, type OAuthOptions, type TokenExchange } from './auth.js'
export type { CloudAppAllowList } from './policy.js'

// Apps and reloads
export type { CloudApp, CloudApps, CloudAppsOptions } from './apps.js'
export type { CloudReload } from './reload.js'
export type { CloudReloadOptions, CloudReloads, CloudReloadsOptions } from './reloads.js'
export type { CloudReloadStatus } from './status.js'
export type { CloudCallOptions, CloudPagesOptions } from './pages.js'

// Webhooks
export { verifyWebhook, type WebhookEvent } from './webhook.js'

// Errors
export { SenseError, TaskError } from '../errors.js'
export { CloudError, WebhookError, type CloudErrorCode, type CloudErrorOptions } from './errors.js'
