import type { StatusMessages } from '@butlerkit/core'
import type { IClientOptions } from 'mqtt'
import { firstForeignId } from './deliveries.js'
import type { ProtocolVersion } from './limits.js'
import type { Settings } from './options.js'
import { toBuffer } from './properties.js'
import { createProxyAgent } from './proxy-agent.js'
import type { Broker } from './brokers.js'

/** What mqtt.js is told: to do nothing by itself. */
export function clientOptions(settings: Settings, version: ProtocolVersion, status: StatusMessages | undefined): IClientOptions {
  const { scheme, brokers, clientId, durable, sessionExpirySeconds, willDelaySeconds, proxy } = settings
  const tls = tlsOptions(settings)
  const options: IClientOptions = {
    protocol: scheme,
    ...destination(settings, brokers[0]),
    clientId,
    protocolVersion: version,
    clean: !durable,
    keepalive: settings.keepaliveSeconds,
    connectTimeout: settings.connectTimeoutMs,
    manualConnect: true,
    // Connecting again and subscribing again are ours. At 0, mqtt.js would take a lost connection for the end.
    reconnectPeriod: 2_147_483_647,
    resubscribe: false,
    messageIdProvider: foreignIds(),
    // Its debug lines cost an eighth of the time of a message, even when nobody reads them.
    log: () => {},
    ...(isWebsocket(settings) ? { wsOptions: { ...tls, ...(proxy && { agent: createProxyAgent(proxy, scheme === 'wss') }) } } : tls),
    ...(version === 5 && durable && { properties: { sessionExpiryInterval: sessionExpirySeconds } }),
    ...(status && {
      will: {
        topic: status.topic,
        payload: toBuffer(status.offline),
        qos: 1,
        retain: true,
        ...(version === 5 && willDelaySeconds > 0 && { properties: { willDelayInterval: willDelaySeconds } }),
      },
    }),
  }
  return options
}

/** The options that lead to this broker. mqtt.js reads them on each connect, and has changed some of them on the one before. */
export function destination(settings: Settings, { host, port, path, username, password }: Broker): IClientOptions {
  const name = isWebsocket(settings) && host.includes(':') ? `[${host}]` : host
  const all = { host: name, hostname: name, port, username, password, ...(isWebsocket(settings) && { path }) }
  return { ...all, ...(settings.scheme === 'mqtts' && { servername: settings.tls.servername }) } as IClientOptions
}

function isWebsocket({ scheme }: Settings): boolean {
  return scheme === 'ws' || scheme === 'wss'
}

function tlsOptions({ scheme, tls }: Settings): Partial<IClientOptions> & { passphrase?: string } {
  if (scheme === 'mqtt' || scheme === 'ws') return {}
  const { ca, cert, key, passphrase, servername, rejectUnauthorized = true } = tls
  return {
    rejectUnauthorized,
    ...(ca !== undefined && { ca: (Array.isArray(ca) ? [...ca] : ca) as string | Buffer }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
  }
}

/** Packet identifiers for what mqtt.js sends itself: none that a message of ours may have. */
function foreignIds(): NonNullable<IClientOptions['messageIdProvider']> {
  const lastId = 0xffff
  const used = new Set<number>()
  let last = lastId

  return {
    allocate() {
      if (used.size > lastId - firstForeignId) return null
      do last = last === lastId ? firstForeignId : last + 1
      while (used.has(last))
      used.add(last)
      return last
    },
    getLastAllocated: () => last,
    register(id) {
      if (used.has(id)) return false
      used.add(id)
      return true
    },
    deallocate: (id) => void used.delete(id),
    clear: () => used.clear(),
  }
}
