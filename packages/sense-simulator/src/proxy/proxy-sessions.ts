import { cookieName, type VirtualProxySeed } from './virtual-proxy.js'

/** Someone who is logged in. */
export interface ProxySession {
  readonly id: string
  /** `DIRECTORY\id`. */
  readonly user: string
  readonly proxy: VirtualProxySeed
  /** Against requests from other sites. */
  readonly csrfToken: string
  /** Milliseconds since 1970. */
  lastSeenMs: number
}

/** Who is logged in, and tickets to log in with. */
export interface ProxySessions {
  begin(user: string, proxy: VirtualProxySeed): ProxySession
  /** The session of a cookie, if it is not over. */
  find(proxy: VirtualProxySeed, cookies: string | undefined): ProxySession | undefined
  /** Those that are not over. */
  all(proxy: VirtualProxySeed): readonly ProxySession[]
  /** Ends sessions. @returns how many */
  end(which: (session: ProxySession) => boolean): number
  issueTicket(user: string, proxy: VirtualProxySeed): string
  /** The user of a ticket: once, within a minute. */
  useTicket(ticket: string, proxy: VirtualProxySeed): string | undefined
}

const minuteMs = 60_000
const ticketMs = minuteMs

/** What sessions are made with. */
export interface ProxySessionsOptions {
  readonly guid: () => string
  readonly now: () => number
  /** Told of sessions that begin and end. */
  onChange(command: 'Start session' | 'Stop session', user: string): void
}

/** Makes {@link ProxySessions}. */
export function createProxySessions({ guid, now, onChange }: ProxySessionsOptions): ProxySessions {
  const sessions = new Map<string, ProxySession>()
  const tickets = new Map<string, { readonly user: string; readonly proxy: VirtualProxySeed; readonly untilMs: number }>()
  const isAlive = ({ lastSeenMs, proxy }: ProxySession) => now() - lastSeenMs < (proxy.sessionTimeout ?? 30) * minuteMs

  return {
    begin(user, proxy) {
      // Clients that keep no cookie leave a session with every call.
      for (const old of sessions.values()) if (!isAlive(old)) sessions.delete(old.id)
      const session = { id: guid(), user, proxy, csrfToken: guid(), lastSeenMs: now() }
      sessions.set(session.id, session)
      onChange('Start session', user)
      return session
    },
    find(proxy, cookies) {
      const session = sessions.get(readCookie(cookies, cookieName(proxy)) ?? '')
      if (session?.proxy !== proxy || !isAlive(session)) return undefined
      session.lastSeenMs = now()
      return session
    },
    all: (proxy) => [...sessions.values()].filter((session) => session.proxy === proxy && isAlive(session)),
    end(which) {
      const ended = [...sessions.values()].filter(which)
      for (const { id, user } of ended) {
        sessions.delete(id)
        onChange('Stop session', user)
      }
      return ended.length
    },
    issueTicket(user, proxy) {
      const ticket = guid().replaceAll('-', '').slice(0, 16)
      tickets.set(ticket, { user, proxy, untilMs: now() + ticketMs })
      return ticket
    },
    useTicket(ticket, proxy) {
      const found = tickets.get(ticket)
      tickets.delete(ticket)
      return found?.proxy === proxy && now() < found.untilMs ? found.user : undefined
    },
  }
}

function readCookie(cookies: string | undefined, name: string): string | undefined {
  for (const part of cookies?.split(';') ?? []) {
    const at = part.indexOf('=')
    if (part.slice(0, at).trim().toLowerCase() === name.toLowerCase()) return part.slice(at + 1).trim()
  }
  return undefined
}
