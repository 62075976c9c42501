import type { AppRecord } from '../store/records.js'
import { createAppModel, type AppModel } from './app-model.js'
import type { AppContentSeed } from './app-seed.js'

/** The engine's side of the site's apps. An app is built when it is first looked at. */
export interface AppShelf {
  all(): readonly AppModel[]
  /** An app by its id, in either case. */
  find(id: string): AppModel | undefined
  /** What a new app begins with; without it, an app is empty. */
  put(id: string, content: AppContentSeed | undefined): void
  /** What an app has been given to begin with. */
  contentOf(id: string): AppContentSeed | undefined
}

/** Makes the shelf of the apps the repository knows. */
export function createAppShelf(records: ReadonlyMap<string, AppRecord>): AppShelf {
  const contents = new Map<string, AppContentSeed>()
  const models = new WeakMap<AppRecord, AppModel>()

  return {
    all: () => [...records.values()].map(modelOf),
    find(id) {
      const record = records.get(id.toLowerCase())
      return record && modelOf(record)
    },
    put(id, content) {
      if (content === undefined) return
      contents.set(id, content)
      const record = records.get(id)
      if (record) models.delete(record)
    },
    contentOf: (id) => contents.get(id),
  }

  function modelOf(record: AppRecord): AppModel {
    const known = models.get(record)
    if (known) return known
    const model = createAppModel(record, contents.get(record.id))
    models.set(record, model)
    return model
  }
}
