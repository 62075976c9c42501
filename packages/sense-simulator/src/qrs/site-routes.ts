import type { Scheduler } from '../scheduler/scheduler.js'
import type { Store } from '../store/records.js'
import { aboutRoute } from './about-route.js'
import { appRoutes, type AppRoutesOptions } from './app-routes.js'
import { entityRoutes } from './entity-routes.js'
import { notificationRoutes } from './notification-routes.js'
import type { Notifications } from './notifications.js'
import type { Route } from './routes.js'
import { scriptLogRoutes } from './script-log-routes.js'
import { selectionRoutes } from './selection-routes.js'
import { siteInfoRoutes, type SiteInfo } from './site-info-routes.js'
import { taskRoutes } from './task-routes.js'

/** What the routes of a site work with. */
export interface SiteRoutesOptions extends AppRoutesOptions, SiteInfo {
  readonly store: Store
  readonly scheduler: Scheduler
  readonly notifications: Notifications
}

/** Every call the site answers. Checked against `test/facts/qrs-routes.json`. */
export function siteRoutes(options: SiteRoutesOptions): readonly Route[] {
  const { store, scheduler, editor, guid, notifications } = options
  return [
    aboutRoute,
    ...siteInfoRoutes(options),
    ...entityRoutes(store, editor, guid),
    ...appRoutes(options),
    ...taskRoutes(options),
    ...scriptLogRoutes(scheduler.scriptLogs),
    ...selectionRoutes(store, editor, guid),
    ...notificationRoutes(notifications, store.changes),
  ]
}
