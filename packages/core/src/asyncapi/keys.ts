/** A name as AsyncAPI allows it for a key: specification 3.0.0, "Components Object". */
export function toKey(name: string): string {
  // Readers of JSON that copy by assignment lose a key of this name.
  return name === '__proto__' ? 'proto' : name.replaceAll(/[^\w.-]/g, '_')
}

/** The key itself, or with a number where it is taken. Takes it. */
export function uniqueKey(taken: Set<string>, key: string): string {
  let free = key
  for (let number = 2; taken.has(free); number++) free = `${key}_${number}`
  taken.add(free)
  return free
}
