import { z } from 'zod'
import { SenseError } from '../errors.js'
import { queryText } from '../http/request-line.js'
import { optional } from '../qrs/fields.js'
import type { CloudClient } from './client.js'
import { fromAnswer } from './failure.js'

/** What every call to Qlik Cloud takes. */
export interface CloudCallOptions {
  /** Gives up; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** What paging takes. */
export interface CloudPagesOptions extends CloudCallOptions {
  /** Entities a page, 1 to 100. @defaultValue 100 */
  readonly size?: number | undefined
}

/** Which list, and what is in it. */
export interface CloudList<Wire extends z.ZodType> extends CloudPagesOptions {
  /** From `/api` on. */
  readonly path: string
  /** `undefined` leaves the name out. */
  readonly query: Readonly<Record<string, string | undefined>>
  readonly wire: Wire
}

/**
 * The pages of a list, by the addresses that its answers give, to the last.
 *
 * @throws {@link CloudError} `CLOUD_ANSWER` for an address that leads elsewhere (the token goes with it) or in a circle
 */
export async function* cloudPages<Wire extends z.ZodType>(client: CloudClient, list: CloudList<Wire>): AsyncGenerator<z.output<Wire>[]> {
  const { query, wire, size = 100, signal } = list
  if (!Number.isInteger(size) || size < 1 || size > 100) throw new SenseError('SENSE_OPTION', 'size must be a whole number from 1 to 100')
  const answer = z.object({ data: z.array(wire), links: optional(z.object({ next: optional(z.object({ href: optional(z.string()) })) })) })
  const seen = new Set<string>()
  for (let path: string | undefined = `${list.path}?${queryText({ ...query, limit: size })}`; path !== undefined;) {
    seen.add(path)
    const { data, links } = await client.json({ path, signal }, answer)
    if (data.length > 0) yield data
    path = nextPath(client, list.path, links?.next?.href)
    if (path !== undefined && seen.has(path)) throw fromAnswer(200, 'its pages go round in a circle', `GET ${list.path}`)
  }
}

function nextPath({ origin }: CloudClient, path: string, href: string | null | undefined): string | undefined {
  if (href === undefined || href === null || href === '') return undefined
  const next = URL.canParse(href, origin) ? new URL(href, origin) : undefined
  if (next?.origin !== origin || next.pathname !== path) throw fromAnswer(200, 'its next page is somewhere else', `GET ${path}`)
  return next.pathname + next.search
}
