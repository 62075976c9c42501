import type { ScriptLogQuery, ScriptLogs } from '../scheduler/script-log.js'
import { boxed, Refusal, text } from '../http/answer.js'
import type { Call, Route } from './routes.js'

/** A script log in two hops: a ticket, by the newer or the older route, and the text. 404 until the log can be had. */
export function scriptLogRoutes(logs: ScriptLogs): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/reloadtask/{reloadtaskid}/scriptlogfile',
      answer: (call) => boxed(200, find({ ...taskOf(call), resultId: required(call, 'executionresultid') }).ticket),
    },
    {
      method: 'GET',
      path: '/reloadtask/{reloadtaskid}/scriptlog',
      answer: (call) => boxed(200, find({ ...taskOf(call), fileReferenceId: required(call, 'filereferenceid') }).ticket),
    },
    {
      method: 'GET',
      path: '/download/reloadtask/{ticket}/{file}',
      answer: ({ params: { ticket = '' } }) => text(200, find({ ticket }).text),
    },
  ]

  function find(query: ScriptLogQuery) {
    const log = logs.find(query)
    if (log === undefined) throw new Refusal(404, 'Not found')
    return log
  }
}

function taskOf({ params: { reloadtaskid = '' } }: Call): ScriptLogQuery {
  return { taskId: reloadtaskid }
}

function required({ query }: Call, name: string): string {
  const value = query.get(name)
  if (value === undefined || value === '') throw new Refusal(400, 'Missing parameter value(s)')
  return value.toLowerCase()
}
