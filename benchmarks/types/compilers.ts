import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const bin = join(import.meta.dirname, '../../node_modules/.bin')

/** The compilers a user may have: names and programs. */
export const compilers = [
  { name: 'TypeScript 6', program: join(bin, 'tsc6') },
  { name: 'TypeScript 7', program: join(bin, 'tsc') },
] as const

/** What a program costs a compiler. */
export interface CheckCost {
  /** Exact: the same in every run of one compiler. */
  readonly instantiations: number
  /** Depends on the machine and what else it does. */
  readonly seconds: number
}

/**
 * Type-checks a program.
 *
 * @param folder - holds its tsconfig.json
 * @throws Error with the compiler's words where the program does not compile
 */
export function checkTypes(program: string, folder: string): CheckCost {
  const { status, stdout, error } = spawnSync(program, ['-p', folder, '--extendedDiagnostics'], { encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} -p ${folder}:\n${stdout}`)
  return { instantiations: figure(stdout, 'Instantiations'), seconds: figure(stdout, 'Check time') }
}

function figure(diagnostics: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+([\\d.]+)s?$`, 'm').exec(diagnostics)?.[1]
  if (found === undefined) throw new Error(`the compiler says no "${name}"`)
  return Number(found)
}
