import type { Clock } from '@butlerkit/core'
import { durationOf } from '../scheduler/run-script.js'

/** One thing a script does when it is run. */
type Statement =
  | { readonly kind: 'load'; readonly text: string; readonly ms: number }
  | { readonly kind: 'fail'; readonly message: string; readonly line: number }

/** A reload under way or over. */
export interface Reload {
  /** True when the script went through, false when it failed or was cancelled. */
  readonly done: Promise<boolean>
  readonly finished: boolean
  /** `qProgressData`. @param full - false for a caller who does not name the request: only whether it is over */
  progress(full: boolean): Record<string, unknown>
  cancel(): void
}

const statementMs = 100

/**
 * Runs a load script on the clock: its statements one after the other, markers obeyed.
 *
 * @param ignoreErrors - goes on after an error, which is told all the same
 */
export function startReload(script: string, clock: Clock, ignoreErrors = false): Reload {
  const startedAt = clock.now()
  const persistent: { readonly qMessageCode: number; readonly qMessageParameters: readonly string[] }[] = []
  const errors: Record<string, unknown>[] = []
  let transient = ''
  let finishedAt: number | undefined
  let cancelTimer = () => {}
  let settle: (success: boolean) => void = () => {}
  const done = new Promise<boolean>((resolve) => void (settle = resolve))
  const statements = parseScript(script)
  run(0)

  return {
    done,
    get finished() {
      return finishedAt !== undefined
    },
    progress(full) {
      return {
        qStarted: true,
        qFinished: finishedAt !== undefined,
        // Documented as unused: there is no percentage.
        qCompleted: 0,
        qTotal: 0,
        qKB: 0,
        qMillisecs: (finishedAt ?? clock.now()) - startedAt,
        qUserInteractionWanted: false,
        qPersistentProgress: full ? persistent.map(({ qMessageParameters }) => qMessageParameters.join(' ')).join('\n') : '',
        qTransientProgress: full ? transient : '',
        qErrorData: full ? [...errors] : [],
        qPersistentProgressMessages: full ? [...persistent] : [],
        qTransientProgressMessage: {
          qMessageCode: transient === '' ? 0 : 15,
          qMessageParameters: full && transient !== '' ? [transient] : [],
        },
      }
    },
    cancel: () => end(false),
  }

  function run(from: number): void {
    const statement = statements[from]
    if (statement === undefined) return end(true)
    if (statement.kind === 'fail') {
      errors.push({
        qErrorString: statement.message,
        qLineEnd: '\r\n',
        qLine: String(statement.line),
        qErrorDataCode: 'SCRIPT_ERROR',
        qMessage: { qMessageCode: 0, qMessageParameters: [statement.message] },
      })
      return ignoreErrors ? run(from + 1) : end(false)
    }
    transient = statement.text
    cancelTimer = clock.schedule(() => {
      persistent.push({ qMessageCode: 7, qMessageParameters: [statement.text] })
      transient = ''
      run(from + 1)
    }, statement.ms)
  }

  function end(success: boolean): void {
    if (finishedAt !== undefined) return
    cancelTimer()
    transient = ''
    finishedAt = clock.now()
    settle(success)
  }
}

/** Reads a script: what ends in `;` is a statement, a line `//! takes 5s` or `//! fails <message>` a marker. */
function parseScript(script: string): readonly Statement[] {
  const statements: Statement[] = []
  let text = ''
  for (const [index, line] of script.split(/\r?\n/).entries()) {
    const [, verb, rest = ''] = /^\s*\/\/!\s*(takes|fails)\b\s*(.*)$/.exec(line) ?? []
    if (verb === 'takes') statements.push({ kind: 'load', text: `wait ${rest}`, ms: durationOf(rest.trim()) ?? statementMs })
    else if (verb === 'fails') statements.push({ kind: 'fail', message: rest || 'Script error', line: index + 1 })
    else if (!/^\s*\/\//.test(line)) text = `${text} ${line.trim()}`.trim()
    while (text.includes(';')) {
      const at = text.indexOf(';')
      statements.push({ kind: 'load', text: text.slice(0, at), ms: statementMs })
      text = text.slice(at + 1).trim()
    }
  }
  return statements
}
