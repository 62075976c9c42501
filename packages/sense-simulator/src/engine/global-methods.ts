import type { AppModel, JsonObject } from './app-model.js'
import { qixError } from './qix-error.js'
import { text, toReturn, type QixMethods } from './method.js'

/** The engine's version we copy. */
export const engineVersion = '12.2528.0'

/** Methods on the engine itself. `AbortRequest` and `AbortAll` are the queue's: `request-queue.ts`. @see QIX, `Global` */
export const globalMethods: QixMethods = {
  EngineVersion: { params: [], run: () => ({ qVersion: { qComponentVersion: engineVersion } }) },
  ProductVersion: { params: [], run: () => ({ qReturn: '14.54.4' }) },
  OSName: { params: [], run: () => ({ qReturn: 'Windows Server 2019' }) },
  IsPersonalMode: { params: [], run: () => ({ qReturn: false }) },
  GetAuthenticatedUser: {
    params: [],
    run({ session }) {
      const [directory = '', id = ''] = session.user.split('\\', 2)
      return { qReturn: `UserDirectory=${directory}; UserId=${id}` }
    },
  },
  GetDocList: { params: [], run: ({ world }) => ({ qDocList: world.apps().map(toDocListEntry) }) },
  OpenDoc: {
    params: ['qDocName', 'qUserName', 'qPassword', 'qSerial', 'qNoData'],
    run({ world, session, params }) {
      const name = text(params, 'qDocName')
      const model = world.findApp(name)
      if (model === undefined) throw qixError('LOCERR_APP_NOT_FOUND', name)
      const noData = params['qNoData'] === true
      const open = session.app
      if (open?.model === model && open.noData !== noData) throw qixError('LOCERR_APP_ALREADY_OPEN_IN_DIFFERENT_MODE', name)
      if (open) throw qixError('LOCERR_APP_ALREADY_OPEN', name)
      return toReturn(session.open(model, noData))
    },
  },
  GetActiveDoc: {
    params: [],
    run({ session }) {
      if (session.app === undefined) throw qixError('LOCERR_APP_NOT_OPEN')
      return toReturn(session.app.handle)
    },
  },
  GetProgress: {
    params: ['qRequestId'],
    urgent: true,
    run({ session, params }) {
      const wanted = Number(params['qRequestId'])
      const reload = session.reloads.get(wanted) ?? [...session.reloads.values()].at(-1)
      return { qProgressData: reload?.progress(session.reloads.has(wanted)) ?? { qStarted: false, qFinished: false } }
    },
  },
  CancelReload: {
    params: ['qReason'],
    urgent: true,
    run({ session }) {
      for (const reload of session.reloads.values()) reload.cancel()
      return {}
    },
  },
}

const dayMs = 86_400_000
/** Day zero of a serial date. */
const serialEpochMs = Date.UTC(1899, 11, 30)

function toDocListEntry({ record, content }: AppModel): JsonObject {
  const { id, name, description, published, stream, createdDate, modifiedDate, publishTime } = record
  return {
    qDocName: name,
    qDocId: id,
    qTitle: name,
    qConnectedUsers: 0,
    qFileTime: (Date.parse(modifiedDate) - serialEpochMs) / dayMs,
    qFileSize: 0,
    qLastReloadTime: lastReload(record.lastReloadTime),
    qReadOnly: false,
    qHasSectionAccess: /^\s*section\s+access\b/im.test(content.script ?? ''),
    qMeta: {
      createdDate,
      modifiedDate,
      published,
      publishTime: published ? publishTime : '',
      description,
      privileges: ['read', 'update', 'delete', 'publish', 'changeowner'],
      ...(stream ? { stream: { id: stream.id, name: stream.name } } : {}),
    },
    qThumbnail: {},
  }
}

/** The engine has no year 1753: never is empty. */
export function lastReload(date: string): string {
  return date.startsWith('1753-') ? '' : date
}
