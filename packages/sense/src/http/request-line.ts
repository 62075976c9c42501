/** Names and values behind the `?` of an address, encoded; `undefined` leaves a name out. */
export function queryText(query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const parts: string[] = []
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parts.push(`${name}=${encodeURIComponent(value)}`)
  return parts.join('&')
}

/** How a request is named in errors and logs: method and target, cut to 300 characters. */
export function requestLine(method: string, target: string): string {
  const shown = `${method} ${target}`
  return shown.length > 300 ? `${shown.slice(0, 300)}…` : shown
}
