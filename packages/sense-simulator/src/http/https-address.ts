/** Address of a server: IPv6 addresses stand in brackets. @see RFC 3986, section 3.2.2 */
export function httpsAddress(host: string, port: number): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`
}
