import { ButlerError } from '../errors.js'
import type { AsyncApiServer } from './document.js'

/** A server's URL is none. */
export class AsyncApiError extends ButlerError<'ASYNCAPI_SERVER_URL'> {
  override readonly name = 'AsyncApiError'
}

// AsyncAPI's name for MQTT over TLS: specification 3.0.0, Server Object, "protocol".
const protocols: Readonly<Record<string, string>> = { mqtts: 'secure-mqtt' }

/**
 * A server from its URL. A user and password in it are left out: the document is for everybody.
 *
 * @throws {@link AsyncApiError} `ASYNCAPI_SERVER_URL`, without the URL
 */
export function toServer(name: string, url: string): AsyncApiServer {
  if (!URL.canParse(url)) throw new AsyncApiError('ASYNCAPI_SERVER_URL', `server "${name}": not a URL such as mqtts://broker.lab:8883`)
  const { protocol, host, pathname } = new URL(url)
  const scheme = protocol.slice(0, -1)
  return { host, protocol: protocols[scheme] ?? scheme, ...(pathname.length > 1 && { pathname }) }
}
