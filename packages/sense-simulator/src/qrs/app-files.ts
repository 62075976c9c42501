import type { AppContentSeed } from '../engine/app-seed.js'
import type { AppShelf } from '../engine/app-shelf.js'
import { parseAppContent } from '../engine/app-schema.js'
import type { AppRecord } from '../store/records.js'

/** Apps as files. What we export can be uploaded again with all that is in it; other files become empty apps that keep their bytes. */
export interface AppFiles {
  read(app: AppRecord, skipData: boolean): Buffer
  /** Takes a file as an app's content; its length is the app's size. */
  write(app: AppRecord, file: Buffer): void
  /** A file in the import folder, by its path on the node. */
  toImport(path: string): Buffer | undefined
}

const mark = 'butlerkit-sense-simulator\n'

/** Makes {@link AppFiles}. @param importFolder - what is in it, by name */
export function createAppFiles(shelf: AppShelf, importFolder: Readonly<Record<string, AppContentSeed>> = {}): AppFiles {
  const files = new Map<string, Buffer>()
  return {
    read(app, skipData) {
      const uploaded = files.get(app.id)
      if (uploaded) return uploaded
      const { tables: _, ...withoutData } = shelf.contentOf(app.id) ?? {}
      const script = shelf.find(app.id)?.script
      const content = { ...(skipData ? withoutData : shelf.contentOf(app.id)), ...(script === undefined ? {} : { script }) }
      const head = toFile(content)
      const file = Buffer.alloc(skipData ? head.length : Math.max(head.length, app.fileSize))
      head.copy(file)
      return file
    },
    write(app, file) {
      app.fileSize = file.length
      const content = parse(file)
      if (content) shelf.put(app.id, content)
      else files.set(app.id, file)
    },
    toImport(path) {
      const name = path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1)
      const content = Object.hasOwn(importFolder, name) ? importFolder[name] : undefined
      return content && toFile(content)
    },
  }
}

function toFile(content: AppContentSeed): Buffer {
  return Buffer.from(`${mark}${JSON.stringify(content)}\n`)
}

function parse(file: Buffer): AppContentSeed | undefined {
  if (!file.subarray(0, mark.length).equals(Buffer.from(mark))) return undefined
  return parseAppContent(JSON.parse(file.subarray(mark.length, file.indexOf('\n', mark.length)).toString()))
}
