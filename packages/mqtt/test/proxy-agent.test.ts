import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { createCertificateAuthority } from '@butlerkit/sense-simulator'
import { expect, it, onTestFinished } from 'vitest'
import { givenMosquitto, givenOpen, givenTransport } from './fixtures.js'
import { bytes, record } from './session.js'

/** A proxy that takes one user. @returns where it listens, and what it was asked for */
async function givenProxyServer(credentials: string) {
  const asked: string[] = []
  const server = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    if (request.headers['proxy-authorization'] !== `Basic ${Buffer.from(credentials).toString('base64')}`) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const target = new URL(`http://${request.url}`)
    const broker = connect(Number(target.port), target.hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      broker.pipe(socket).pipe(broker)
    })
    broker.on('error', () => socket.destroy())
    socket.on('error', () => broker.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

it.for(['ws', 'wss'] as const)('reaches a broker over %s through an HTTP proxy, and shows none of its credentials', async (scheme, ctx) => {
  const authority = await createCertificateAuthority()
  const { cert, key } = await authority.issue({ commonName: 'broker', hosts: ['127.0.0.1'] })
  const tls = ['certfile {dir}/cert.pem', 'keyfile {dir}/key.pem']
  const { ports } = await givenMosquitto(ctx, {
    files: { 'cert.pem': cert, 'key.pem': key },
    listeners: [[], ['protocol websockets', ...(scheme === 'wss' ? tls : [])]],
  })
  const proxy = await givenProxyServer('canary-1:canary-2')
  const options = { url: `${scheme}://127.0.0.1:${ports[1]}/mqtt`, ...(scheme === 'wss' && { tls: { ca: authority.ca } }) }
  const { transport, session } = await givenOpen(
    { ...options, proxy: `http://canary-1:canary-2@${proxy.host}` },
    { subscriptions: [{ filter: 'in', qos: 1 }] },
  )
  await transport.publish({ topic: 'in', payload: bytes('through'), qos: 1, retain: false })
  await session.until(({ messages }) => messages.length === 1)
  expect(proxy.asked).toEqual([`127.0.0.1:${ports[1]}`])
  const refused = givenTransport({ ...options, protocol: '5', proxy: `http://canary-1:canary-3@${proxy.host}` })
  const error: unknown = await refused.open(record()).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ message: expect.stringContaining(`the proxy ${proxy.host} answered 407`) })
  expect(inspect([error, transport, session.healths], { depth: Infinity, showHidden: true })).not.toContain('canary')
})
