import { SenseError } from '../errors.js'

/**
 * `https://host:port` for a name or an IP address.
 *
 * @throws {@link SenseError} `SENSE_OPTION` for what holds a scheme, a path, a user or a port
 */
export function originOf(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host
  const address = `https://${name}:${port}`
  // What URL reads differently (a scheme, a path, a user) is not a host's name.
  if (!URL.canParse(address) || new URL(address).hostname !== name.toLowerCase())
    throw new SenseError('SENSE_OPTION', 'host must be a name or an IP address only')
  return new URL(address).origin
}
