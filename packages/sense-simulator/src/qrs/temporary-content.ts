import { Refusal, type Answer } from '../http/answer.js'

/** Files that can be fetched once, by the user they were made for: `/tempcontent/…`, at the root of the host. */
export interface TemporaryContent {
  /** @returns the path to fetch it from */
  put(file: Buffer, name: string, user: string): string
  /** @throws `Refusal` 403 for another user, 404 where there is nothing, or nothing any more */
  take(path: string, user: string): Answer
}

/** Makes {@link TemporaryContent}. */
export function createTemporaryContent(guid: () => string): TemporaryContent {
  const files = new Map<string, { readonly file: Buffer; readonly user: string }>()
  return {
    put(file, name, user) {
      const path = `/tempcontent/${guid()}/${encodeURIComponent(name)}`
      files.set(path.toLowerCase(), { file, user })
      return path
    },
    take(path, user) {
      const key = path.toLowerCase()
      const found = files.get(key)
      if (found === undefined) throw new Refusal(404, 'Not found')
      if (found.user !== user) throw new Refusal(403, 'Access denied')
      files.delete(key)
      return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: found.file }
    },
  }
}
