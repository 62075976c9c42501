import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A process of its own that runs a TypeScript file, to be killed. */
export interface Child {
  /** What it has printed. */
  readonly lines: readonly string[]
  until(condition: (lines: readonly string[]) => boolean): Promise<void>
  /** Sends the signal, and waits for its end. @returns its exit code, `null` after a signal it did not handle */
  end(signal: NodeJS.Signals): Promise<number | null>
}

export function startChild(file: URL, args: readonly string[]): Child {
  const endWithParent = new URL('end-with-parent.ts', import.meta.url).href
  const options = ['--conditions=source', '--expose-gc', '--import', 'tsx', '--import', endWithParent]
  const child = spawn(process.execPath, [...options, fileURLToPath(file), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  // Not 'exit': what it has printed is read to the end first.
  const exited = once(child, 'close') as Promise<[number | null]>
  const lines: string[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const ask of waiting) ask()
  })
  return {
    lines,
    until: (condition) =>
      new Promise((resolve, reject) => {
        const ask = () => {
          if (!condition(lines)) return
          waiting.delete(ask)
          resolve()
        }
        waiting.add(ask)
        ask()
        void exited.then(([code]) => condition(lines) || reject(new Error(`${file.pathname} ended with ${code}:\n${lines.join('\n')}`)))
      }),
    async end(signal) {
      child.kill(signal)
      const [code] = await exited
      return code
    },
  }
}
