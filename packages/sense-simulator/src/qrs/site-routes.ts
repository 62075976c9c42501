import type { Scheduler } from '../scheduler/scheduler.js'
import type { Store } from '../store/records.js'
import { aboutRoute } from './about-route.js'
import { entityRoutes } from './entity-routes.js'
import type { Route } from './routes.js'
import { scriptLogRoutes } from './script-log-routes.js'
import { taskRoutes } from './task-routes.js'

/** Every call the site answers. Checked against `test/facts/qrs-routes.json`. */
export function siteRoutes(store: Store, scheduler: Scheduler): readonly Route[] {
  return [aboutRoute, ...entityRoutes(store), ...taskRoutes(store, scheduler), ...scriptLogRoutes(scheduler.scriptLogs)]
}
