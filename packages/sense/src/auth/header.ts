import { SenseError } from '../errors.js'
import { headerValue, throughProxy, type ProxyAuth, type VirtualProxyOptions } from './auth.js'

/** A header that a virtual proxy believes. */
export interface HeaderOptions extends VirtualProxyOptions {
  /** Name of the header, as the virtual proxy has it; often `hdr-usr`. */
  readonly name: string
  /** Its value: the user's id, or `DIRECTORY\user` where the virtual proxy is set to a dynamic directory. */
  readonly user: string
}

/**
 * Authentication with a header through a virtual proxy of that kind. Whoever reaches such a proxy is whoever they say they are.
 *
 * @throws {@link SenseError} `SENSE_OPTION` for an option that cannot be used
 * @see Qlik Sense for administrators: Header authentication
 */
export function header({ name, user, ...options }: HeaderOptions): ProxyAuth {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new SenseError('SENSE_OPTION', 'name must be the name of an HTTP header')
  const headers = { [name.toLowerCase()]: headerValue('user', user) }
  return { kind: 'header', ...throughProxy(options), prove: () => ({ headers }) }
}
