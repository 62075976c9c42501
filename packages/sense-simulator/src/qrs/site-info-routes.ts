import { json } from '../http/answer.js'
import { toWireDate } from '../store/wire-values.js'
import { enums } from './enums.js'
import type { Route } from './routes.js'

/** What the routes about the site itself need to know. */
export interface SiteInfo {
  readonly nodeName: string
  readonly nodeId: string
  readonly guid: () => string
  readonly now: () => number
}

/** `GET /servicestatus/full`, where all services of the one node run, and the licence. Fields as seen by Butler and on live sites. */
export function siteInfoRoutes({ nodeName, nodeId, guid, now }: SiteInfo): readonly Route[] {
  const started = toWireDate(now())
  const head = { createdDate: started, modifiedDate: started, modifiedByUserName: 'INTERNAL\\sa_repository', privileges: null }
  const services = ['Repository', 'Proxy', 'Scheduler', 'Engine', 'Printing'] as const
  const statuses = services.map((service) => ({
    id: guid(),
    ...head,
    serviceType: enums['ServiceStatus.serviceType'][service],
    serviceState: enums['ServiceStatus.serviceState'].Running,
    serverNodeConfiguration: { id: nodeId, name: nodeName, hostName: nodeName, isCentral: true, privileges: null },
    schemaPath: 'ServiceStatus',
  }))
  const licence = {
    id: guid(),
    ...head,
    lef: '',
    serial: '9999000000001234',
    name: 'Butlerkit',
    organization: 'Butlerkit',
    product: 'Qlik Sense Enterprise',
    numberOfCores: 0,
    isExpired: false,
    expiredReason: '',
    isBlacklisted: false,
    isInvalid: false,
    schemaPath: 'License',
  }
  const access = { enabled: true, total: 10, allocated: 4, used: 3, quarantined: 1, available: 5, excess: 0 }
  return [
    {
      method: 'GET',
      path: '/servicestatus/full',
      answer: () =>
        json(
          200,
          statuses.map((status) => ({ ...status, timestamp: toWireDate(now()) })),
        ),
    },
    { method: 'GET', path: '/license', answer: () => json(200, licence) },
    {
      method: 'GET',
      path: '/license/accesstypeoverview',
      answer: () => json(200, { professionalAccess: access, analyzerAccess: access, schemaPath: 'AccessTypeOverview' }),
    },
  ]
}
