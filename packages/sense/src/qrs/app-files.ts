import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { QrsError } from '../errors.js'
import type { App } from './apps.js'
import type { QrsClient, QrsStream } from './client.js'
import { optional } from './fields.js'
import { guidPath } from './guid.js'
import type { QrsCallOptions } from './list-options.js'

/** Where an app's file comes from: a file on disk, bytes, or a stream of them (a Node stream is one). */
export type AppSource = { readonly file: string } | Uint8Array | AsyncIterable<Uint8Array>

/** What moving an app's file takes. */
export interface AppTransferOptions extends QrsCallOptions {
  /** Told of the bytes moved so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined
  /** Longest wait for a sign of life, in milliseconds: for the next bytes, or for what Sense does before or after them. @defaultValue 300_000 */
  readonly timeoutMs?: number | undefined
}

/** What becomes of a file that Sense takes as an app. */
export interface AppFileOptions {
  /** The new app's name; with `replaceId`, the app keeps its own. */
  readonly name?: string | undefined
  /** GUID of an app whose content this becomes. @defaultValue a new app */
  readonly replaceId?: string | undefined
  /** Keep the data that is in the file. @defaultValue as Sense says */
  readonly keepData?: boolean | undefined
  /** Leave out the data connections that are in the file; only for a new app. @defaultValue false */
  readonly excludeConnections?: boolean | undefined
}

/** What an upload takes. */
export interface AppUploadOptions extends AppTransferOptions, AppFileOptions {}

/** What an import takes. */
export interface AppImportOptions extends AppFileOptions, QrsCallOptions {
  /** Longest wait for the whole answer, in milliseconds. @defaultValue 300_000 */
  readonly timeoutMs?: number | undefined
}

/** What moved. */
export interface AppTransfer {
  readonly bytes: number
  /** SHA-256 of those bytes, in hex. */
  readonly sha256: string
}

/** An app that was uploaded. */
export interface AppUpload extends AppTransfer {
  readonly app: App
}

/** What an export takes. */
export interface AppExportOptions extends AppTransferOptions {
  /** A stream to write to, which is ended; or a file, which appears only once it is whole. */
  readonly to: Writable | { readonly file: string }
  /** Leave the data out. @defaultValue false */
  readonly skipData?: boolean | undefined
}

/** An app that was exported. */
export interface AppExport extends AppTransfer {
  /** The file's name as Sense gives it. */
  readonly fileName: string
}

const transferTimeoutMs = 300_000
const exportWire = z.object({ downloadPath: z.string(), cancelled: optional(z.boolean()) })

/** Sends an app's file, counting and hashing what passes. */
export async function uploadApp<S extends z.ZodType>(client: QrsClient, source: AppSource, options: AppUploadOptions, schema: S) {
  const { signal, timeoutMs = transferTimeoutMs } = options
  const meter = createMeter(options.onProgress)
  const stream: QrsStream = {
    content: (alive) => Readable.from(meter.through(open(source), alive)),
    type: 'application/vnd.qlik.sense.app',
    length: await lengthOf(source),
  }
  const app = await client.json({ method: 'POST', ...placeOf('upload', options), stream, signal, timeoutMs }, schema)
  return { app, ...meter.facts() }
}

/** Has a file imported that lies on the site. @param path - as the node has it; QRS takes it as a JSON text */
export function importApp<S extends z.ZodType>(client: QrsClient, path: string, options: AppImportOptions, schema: S) {
  const { signal, timeoutMs = transferTimeoutMs } = options
  return client.json({ method: 'POST', ...placeOf('import', options), json: path, signal, timeoutMs }, schema)
}

function placeOf(how: 'upload' | 'import', { name, replaceId, keepData, excludeConnections }: AppFileOptions) {
  return replaceId === undefined
    ? { path: `/qrs/app/${how}`, query: { name, keepdata: keepData, excludeconnections: excludeConnections } }
    : { path: `/qrs/app/${how}/replace`, query: { targetappid: guidPath(replaceId), keepdata: keepData } }
}

/** Has an app exported, and fetches the file. An export that is given up is cancelled. */
export async function exportApp(client: QrsClient, appId: string, options: AppExportOptions): Promise<AppExport> {
  const { to, skipData, onProgress, signal, timeoutMs = transferTimeoutMs } = options
  const path = `/qrs/app/${appId}/export/${randomUUID()}`
  try {
    const ready = await client.json({ method: 'POST', path, query: { skipdata: skipData }, signal, timeoutMs }, exportWire)
    const download = parseDownload(ready.downloadPath, path)
    const meter = createMeter(onProgress)
    const request = { path: download.path, query: download.query, signal, timeoutMs }
    const failed = await client.bytes(request, (body, alive) => save(to, body, (chunks) => meter.through(chunks, alive)))
    if (failed !== undefined) throw failed.error
    return { fileName: download.fileName, ...meter.facts() }
  } catch (error) {
    // Nobody waits for this: the export is of no use any more, and ends by itself at last.
    if (signal?.aborted) void client.text({ method: 'DELETE', path, retry: false }).catch(() => {})
    throw error
  }
}

/** The file lies at the root of the host, not under `/qrs`. What the server says is checked before it becomes an address. */
function parseDownload(downloadPath: string, request: string) {
  const [path = '', search = ''] = downloadPath.split('?')
  const fileName = path.split('/').at(-1) ?? ''
  if (!/^\/tempcontent\/[^#\p{Cc}]+$/u.test(path) || path.includes('/..')) {
    const shown = `POST ${request}`
    const message = `${shown}: the answer's downloadPath does not lead to an export`
    throw new QrsError('QRS_ANSWER', message, { request: shown, status: 201, sent: true, transient: false })
  }
  return { path: encodeURI(decoded(path)), query: Object.fromEntries(new URLSearchParams(search)), fileName: decoded(fileName) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

type Chunks = AsyncIterable<Uint8Array>

/** Writes what comes. A failure of the target is given back, so that it is not taken for one of the network. */
async function save(to: AppExportOptions['to'], body: Readable, meter: (chunks: Chunks) => Chunks): Promise<{ error: Error } | undefined> {
  const target = 'file' in to ? createWriteStream(`${to.file}.part`) : to
  let failed: { error: Error } | undefined
  // A stream that is torn down because its source failed says so by an error too: the source's own.
  target.once('error', (error: Error) => (failed = body.errored === null ? { error } : undefined))
  try {
    await pipeline(body, meter, target)
    if ('file' in to) await rename(`${to.file}.part`, to.file)
    return undefined
  } catch (error) {
    if ('file' in to) {
      // A stream that fails before it has opened its file still opens it.
      if (!target.closed) await new Promise<void>((resolve) => target.once('close', () => resolve()))
      await rm(`${to.file}.part`, { force: true })
    }
    if (failed === undefined) throw error
    return failed
  }
}

function open(source: AppSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (source instanceof Uint8Array) return [source]
  return 'file' in source ? createReadStream(source.file) : source
}

async function lengthOf(source: AppSource): Promise<number | undefined> {
  if (source instanceof Uint8Array) return source.byteLength
  return 'file' in source ? (await stat(source.file)).size : undefined
}

function createMeter(onProgress: ((bytes: number) => void) | undefined) {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    async *through(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, alive: () => void): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        hash.update(chunk)
        bytes += chunk.byteLength
        alive()
        onProgress?.(bytes)
        yield chunk
      }
    },
    facts: (): AppTransfer => ({ bytes, sha256: hash.digest('hex') }),
  }
}
