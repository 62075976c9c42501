import { randomBytes } from 'node:crypto'
import { systemClock } from '@butlerkit/core'
import type { CertificateAuth } from '../auth/auth.js'
import { QrsError } from '../errors.js'
import { createAgent } from '../http/agent.js'
import { exchange } from '../http/exchange.js'
import { originOf } from '../http/origin.js'
import { parseUser, toUserHeader } from '../user.js'
import { questions, type Question } from './questions.js'
import { createRedactor, type Redactor } from './redact.js'

/** Which site, and as whom. */
export interface RecordOptions {
  readonly host: string
  readonly auth: CertificateAuth
  /** `DIRECTORY\user`. */
  readonly user: string
  readonly qrsPort: number
  readonly enginePort: number
}

/** What one question was answered. */
export interface RecordedAnswer {
  /** What is to be found out. */
  readonly about: string
  /** Path and query, as asked. */
  readonly request: string
  readonly status: number | undefined
  readonly contentType: string | undefined
  /** Names only. */
  readonly headers: readonly string[]
  /** Redacted. Of a list, the first items. */
  readonly body: unknown
  /** Items, where the answer is a list. */
  readonly items: number | undefined
  readonly milliseconds: number
  /** Code of what went wrong without an answer. */
  readonly failure: string | undefined
}

const itemsKept = 5
const timeoutMs = 60_000

/** Asks a site what our facts leave open. Reads only: nothing but GET is sent. */
export async function recordSite({ host, auth, user, qrsPort, enginePort }: RecordOptions): Promise<RecordedAnswer[]> {
  const { directory, id } = parseUser(user)
  const redactor = createRedactor([host, host.split('.', 1)[0] ?? '', directory, id])
  const agent = createAgent({ auth, servername: undefined, connectTimeoutMs: 10_000, connections: 1 })
  const origins = { qrs: originOf(host, qrsPort), engine: originOf(host, enginePort) }
  const answers: RecordedAnswer[] = []
  try {
    for (const question of questions) answers.push(await ask(question))
  } finally {
    await agent.close()
  }
  return answers

  async function ask(question: Question): Promise<RecordedAnswer> {
    const { about, service = 'qrs', path, query = '' } = question
    const xrfkey = randomBytes(8).toString('hex')
    const shown = `GET ${path}${query === '' ? '' : `?${query}`}`
    const headers = { 'x-qlik-user': toUserHeader(user), 'x-qlik-xrfkey': xrfkey }
    const request = { dispatcher: agent, origin: origins[service], method: 'GET', headers, timeoutMs, clock: systemClock, shown } as const
    const since = Date.now()
    const milliseconds = () => Date.now() - since
    try {
      const answer = await exchange({ ...request, path: `${path}?${query === '' ? '' : `${query}&`}xrfkey=${xrfkey}` })
      return {
        about,
        request: shown,
        status: answer.statusCode,
        contentType: answer.headers['content-type']?.toString(),
        headers: Object.keys(answer.headers).toSorted(),
        ...readBody(answer.text.replaceAll(xrfkey, '…'), redactor),
        milliseconds: milliseconds(),
        failure: undefined,
      }
    } catch (error) {
      if (!(error instanceof QrsError)) throw error
      const none = { status: undefined, contentType: undefined, headers: [], body: undefined, items: undefined }
      return { about, request: shown, ...none, milliseconds: milliseconds(), failure: error.code }
    }
  }
}

function readBody(text: string, redactor: Redactor): Pick<RecordedAnswer, 'body' | 'items'> {
  try {
    const value: unknown = JSON.parse(text)
    // A scalar may be anybody's text; only lists and objects have a form to keep.
    if (!Array.isArray(value)) return { body: redactor.value(value), items: undefined }
    return { body: redactor.value(value.slice(0, itemsKept)), items: value.length }
  } catch {
    return { body: redactor.text(text), items: undefined }
  }
}
