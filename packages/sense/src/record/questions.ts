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
const filter = (text: string) => `filter=${encodeURIComponent(text)}`

/** All of them; no request changes anything. */
export const questions: readonly Question[] = [
  { about: 'version of the repository', path: '/qrs/about' },
  { about: 'is there /ssl/ping', path: '/qrs/ssl/ping' },
  { about: 'number of apps', path: '/qrs/app/count' },
  { about: 'fields of an app; is the list shorter than the count', path: '/qrs/app/full' },
  { about: 'number of tasks', path: '/qrs/reloadtask/count' },
  { about: 'fields of a reload task', path: '/qrs/reloadtask/full' },
  { about: 'fields of tasks of all kinds', path: '/qrs/task/full' },
  { about: 'number of results; a large list', path: '/qrs/executionresult/count' },
  {
    about: 'fields of a result; scriptLogAvailable beside fileReferenceID; order of details',
    path: '/qrs/executionresult/full',
    query: filter(`startTime ge '${new Date(Date.now() - 86_400_000).toISOString()}'`),
  },
  { about: 'fields of a session', path: '/qrs/executionsession/full' },
  { about: 'fields of a schedule; is startDate in UTC or in its time zone, beside nextExecution', path: '/qrs/schemaevent/full' },
  { about: 'fields of a chain', path: '/qrs/compositeevent/full' },
  { about: 'fields of a stream', path: '/qrs/stream/full' },
  { about: 'fields of a custom property', path: '/qrs/custompropertydefinition/full' },
  { about: 'services', path: '/qrs/servicestatus/full' },
  { about: 'fields of the licence', path: '/qrs/license' },
  { about: 'fields of the licence’s use', path: '/qrs/license/accesstypeoverview' },
  { about: 'answer for an unknown app', path: `/qrs/app/${unknownId}` },
  { about: 'answer for a session that is over', path: `/qrs/executionsession/${unknownId}` },
  { about: 'answer for an unknown route', path: '/qrs/nosuchthing' },
  { about: 'answer for a filter that is wrong', path: '/qrs/app', query: filter('name xx 1') },
  { about: 'answer for an unknown field', path: '/qrs/app', query: filter('nosuch eq 1') },
  { about: 'an escaped quote in a filter', path: '/qrs/app/count', query: filter(String.raw`name eq 'a\'b'`) },
  { about: 'a doubled quote in a filter', path: '/qrs/app/count', query: filter("name eq 'a''b'") },
  { about: 'not as an operator', path: '/qrs/app/count', query: filter("not name eq 'a'") },
  { about: 'the short form of custom properties', path: '/qrs/app/count', query: filter("@NoSuchProperty eq 'a'") },
  {
    about: 'script log of an unknown task by result',
    path: `/qrs/reloadtask/${unknownId}/scriptlogfile`,
    query: `executionResultId=${unknownId}`,
  },
  { about: 'script log of an unknown task by file', path: `/qrs/reloadtask/${unknownId}/scriptlog`, query: `fileReferenceId=${unknownId}` },
  {
    about: 'changes since a moment ago',
    path: '/qrs/notification/changes',
    query: `since=${encodeURIComponent(new Date(Date.now() - 60_000).toISOString())}&types=App`,
  },
  { about: 'form of the engine’s health check', service: 'engine', path: '/engine/healthcheck' },
]
