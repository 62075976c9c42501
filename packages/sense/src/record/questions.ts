/** Something our facts leave open, and the request that tells. */
export interface Question {
  readonly about: string
  /** @defaultValue 'qrs' */
  readonly service?: 'qrs' | 'engine'
  readonly path: string
  /** Encoded. @defaultValue none */
  readonly query?: string
}

const unknownId = 'ffffffff-ffff-4fff-8fff-ffffffffffff'
const dayMs = 86_400_000
const ago = (ms: number) => new Date(Date.now() - ms).toISOString()
const filter = (text: string) => `filter=${encodeURIComponent(text)}`

/** Paths below `/qrs`, and what their answers tell. */
const plain = {
  '/about': 'version of the repository',
  '/ssl/ping': 'is there /ssl/ping',
  '/app/count': 'number of apps',
  '/app/full': 'fields of an app; is the list shorter than the count',
  '/reloadtask/count': 'number of tasks',
  '/reloadtask/full': 'fields of a reload task',
  '/usersynctask/full': 'fields of a user sync task',
  '/task/full': 'fields of tasks of all kinds',
  '/executionresult/count': 'number of results; a large list',
  '/executionsession/full': 'fields of a session',
  '/schemaevent/full': 'fields of a schedule; is startDate in UTC or in its time zone, beside nextExecution',
  '/compositeevent/full': 'fields of a chain',
  '/stream/full': 'fields of a stream',
  '/custompropertydefinition/full': 'fields of a custom property',
  '/servicestatus/full': 'services',
  '/license': 'fields of the licence',
  '/license/accesstypeoverview': 'fields of the licence’s use',
  [`/app/${unknownId}`]: 'answer for an unknown app',
  [`/executionsession/${unknownId}`]: 'answer for a session that is over',
  '/nosuchthing': 'answer for an unknown route',
}

/** Filters of `GET /qrs/app/count`, and what their answers tell. */
const filters = {
  'name xx 1': 'answer for a filter that is wrong',
  'nosuch eq 1': 'answer for an unknown field',
  [String.raw`name eq 'a\'b'`]: 'an escaped quote in a filter',
  "name eq 'a''b'": 'a doubled quote in a filter',
  "not name eq 'a'": 'not as an operator',
  "@NoSuchProperty eq 'a'": 'the short form of custom properties',
}

/** All of them; no request changes anything. */
export const questions: readonly Question[] = [
  ...Object.entries(plain).map(([path, about]) => ({ about, path: `/qrs${path}` })),
  ...Object.entries(filters).map(([text, about]) => ({ about, path: '/qrs/app/count', query: filter(text) })),
  {
    about: 'fields of a result; scriptLogAvailable beside fileReferenceID; order of details',
    path: '/qrs/executionresult/full',
    query: filter(`startTime ge '${ago(dayMs)}'`),
  },
  {
    about: 'script log of an unknown task by result',
    path: `/qrs/reloadtask/${unknownId}/scriptlogfile`,
    query: `executionResultId=${unknownId}`,
  },
  {
    about: 'script log of an unknown task by file',
    path: `/qrs/reloadtask/${unknownId}/scriptlog`,
    query: `fileReferenceId=${unknownId}`,
  },
  {
    about: 'changes since a moment ago',
    path: '/qrs/notification/changes',
    query: `since=${encodeURIComponent(ago(60_000))}&types=App`,
  },
  { about: 'form of the engine’s health check', service: 'engine', path: '/engine/healthcheck' },
]
