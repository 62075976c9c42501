// Answers every request with the same list of 100 apps, over mutual TLS. Told its certificate by its parent, tells its port, and on any message
// after it the time it has taken.

import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { apps } from './apps.js'

const [tls] = (await once(process, 'message')) as [{ cert: string; key: string; ca: string }]
const body = Buffer.from(JSON.stringify(apps(100)))
const headers = { 'content-type': 'application/json', 'content-length': body.length }
const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (_, response) =>
  response.writeHead(200, headers).end(body),
)
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.({ port: (server.address() as AddressInfo).port, bytes: body.length })
process.on('message', () => process.send?.(process.cpuUsage()))
process.once('disconnect', () => process.exit())
