import { SimulatorError } from './errors.js'

/**
 * The one of this id, or else of this name.
 *
 * @param kind - what they are, for the error
 * @throws {@link SimulatorError} `SITE_UNKNOWN` where there is none, or more than one
 */
export function findNamed<Item extends { readonly id: string; readonly name: string }>(
  kind: 'app' | 'task',
  among: readonly Item[],
  nameOrId: string,
): Item {
  const byId = among.filter(({ id }) => id === nameOrId.toLowerCase())
  const [item, ...others] = byId.length > 0 ? byId : among.filter(({ name }) => name === nameOrId)
  if (item === undefined) throw new SimulatorError('SITE_UNKNOWN', `no ${kind} '${nameOrId}'`)
  if (others.length > 0) throw new SimulatorError('SITE_UNKNOWN', `${others.length + 1} ${kind}s are called '${nameOrId}'; give the id`)
  return item
}
