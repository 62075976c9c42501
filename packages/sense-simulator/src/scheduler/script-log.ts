import type { AppRecord, ExecutionResultRecord } from '../store/records.js'

/** The script log of one attempt. */
export interface ScriptLog {
  readonly taskId: string
  readonly resultId: string
  readonly fileReferenceId: string
  /** What the first hop answers and the second asks for. */
  readonly ticket: string
  /** Path of the file on the node. */
  readonly location: string
  /** Lines end in CR LF. */
  readonly text: string
  /** From when on it can be had, in milliseconds since 1970. */
  readonly availableAtMs: number
}

/** Which log is meant: the newer route names the result, the older the file. */
export type ScriptLogQuery = Partial<Pick<ScriptLog, 'taskId' | 'resultId' | 'fileReferenceId' | 'ticket'>>

/** The site's script logs. */
export interface ScriptLogs {
  add(log: ScriptLog): void
  /** Forgets the log of a result. */
  remove(resultId: string): void
  /** The log to which all of the query fits, if it can be had by now. */
  find(query: ScriptLogQuery): ScriptLog | undefined
}

/** Keeps script logs, each hidden until its time has come. */
export function createScriptLogs(now: () => number): ScriptLogs {
  const byResult = new Map<string, ScriptLog>()
  return {
    add(log) {
      byResult.set(log.resultId, log)
    },
    remove: (resultId) => void byResult.delete(resultId),
    find(query) {
      const wanted = Object.entries(query) as [keyof ScriptLogQuery, string][]
      for (const log of byResult.values())
        if (wanted.every(([key, value]) => log[key] === value)) return log.availableAtMs <= now() ? log : undefined
      return undefined
    },
  }
}

/**
 * Writes the log of an attempt that ends.
 *
 * @param lines - what it says; without them a few lines that tell how the attempt ended
 */
export function writeScriptLog(
  { record, app, failed, lines = defaultLines(app, failed) }: ScriptLogSource,
  { guid, availableAtMs }: { readonly guid: () => string; readonly availableAtMs: number },
): ScriptLog {
  const stamp = record.startTime.replaceAll(/[-:.]|\d{3}Z$/g, '')
  const fileReferenceId = guid()
  return {
    taskId: record.taskID,
    resultId: record.id,
    fileReferenceId,
    ticket: guid(),
    location: `${record.executingNodeName}\\Script\\${app.id}.${stamp}+0000.${fileReferenceId.slice(0, 8).toUpperCase()}.log`,
    text: lines.map((line) => `${line}\r\n`).join(''),
    availableAtMs,
  }
}

/** Whose log it is and what it says. */
export interface ScriptLogSource {
  readonly record: ExecutionResultRecord
  readonly app: AppRecord
  readonly failed: boolean
  readonly lines?: readonly string[] | undefined
}

function defaultLines(app: AppRecord, failed: boolean): readonly string[] {
  const ending = failed ? [`Error: Cannot open file 'lib://Data/${app.name}.qvd'`, 'Execution Failed'] : []
  return [
    'Execution started.',
    `Document name: ${app.id}`,
    `LOAD * FROM [lib://Data/${app.name}.qvd] (qvd)`,
    ...ending,
    'Execution finished.',
  ]
}
