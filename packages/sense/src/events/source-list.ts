import { BlockList, isIP } from 'node:net'
import { SenseEventsError } from './errors.js'

/** Who may send. */
export interface SourceList {
  allows(address: string): boolean
}

/**
 * Makes the list of senders. Names are not looked up: what they resolve to may change, and a list that fails to resolve must not be open.
 *
 * @param sources - IP addresses, and subnets as `10.1.0.0/16`; none of them allows nobody
 * @throws {@link SenseEventsError} `SENSE_EVENTS_OPTION` naming the entry that is neither
 */
export function createSourceList(sources: readonly string[]): SourceList {
  const list = new BlockList()
  for (const source of sources) add(list, source)
  return { allows: (address) => list.check(address, familyOf(address)) }
}

function add(list: BlockList, source: string): void {
  const [address = '', prefix, ...more] = source.split('/')
  const longest = isIP(address) === 6 ? 128 : 32
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest)
  if (isIP(address) === 0 || !isPrefix || more.length > 0) {
    throw new SenseEventsError('SENSE_EVENTS_OPTION', `allowFrom: ${JSON.stringify(source)} is neither an IP address nor a subnet`)
  }
  if (prefix === undefined) list.addAddress(address, familyOf(address))
  else list.addSubnet(address, Number(prefix), familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
