/** Where a client of the engine wants to. */
export interface AppPath {
  /** An app's id, or `engineData`: a hint only, for the app is opened by a call. */
  readonly id: string
  /** Sets sessions of one user apart. */
  readonly identity?: string
  /** How long the session stays after its last socket. */
  readonly ttlSeconds?: number
}

/** Reads `/app/<id>[/identity/<x>][/ttl/<seconds>]`; undefined for anything else. */
export function parseAppPath(path: string): AppPath | undefined {
  const found = /^\/app(?:\/([^/]+)(?:\/identity\/([^/]+))?(?:\/ttl\/(\d+))?)?\/?$/i.exec(path)
  if (found === null) return undefined
  const [, id = 'engineData', identity, ttl] = found
  return { id, ...(identity === undefined ? {} : { identity }), ...(ttl === undefined ? {} : { ttlSeconds: Number(ttl) }) }
}
