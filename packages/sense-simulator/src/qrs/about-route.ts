import type { WireAbout } from '@butlerkit/sense'
import { json } from '../http/answer.js'
import type { Route } from './routes.js'

const about: WireAbout = {
  buildVersion: '38.22.0.0',
  buildDate: '9/20/2013 10:09:00 AM',
  databaseProvider: 'Devart.Data.PostgreSql',
  nodeType: 1,
  sharedPersistence: true,
  requiresBootstrap: false,
  singleNodeOnly: false,
  schemaPath: 'About',
}

/** `GET /about`: the version we copy. The build date is the same on every live site. */
export const aboutRoute: Route = { method: 'GET', path: '/about', answer: () => json(200, about) }
