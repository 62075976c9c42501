import type { ContractOptions } from './contract.js'

/** What became of each test of a contract, by its name: `passed`, `failed`, or the reason its adapter is exempt from it. */
export type Outcomes = ReadonlyMap<string, string>

/**
 * Runs a contract's tests without a test runner, one after another: what is tested here is the contract.
 *
 * @param only - one of its tests. @defaultValue all
 */
export async function contractOutcomes(define: (options: Omit<ContractOptions, 'name'>) => void, only?: string): Promise<Outcomes> {
  const tests: { readonly name: string; readonly body: Parameters<ContractOptions['it']>[1] }[] = []
  define({ describe: (_name, body) => body(), it: (name, body) => void tests.push({ name, body }) })
  const outcomes = new Map<string, string>()
  for (const { name, body } of tests) {
    if (only !== undefined && name !== only) continue
    let outcome = 'passed'
    const run = body({ skip: (reason = '') => (outcome = reason.replace('exempt: ', '')) })
    outcomes.set(
      name,
      await Promise.race([
        run.then(
          () => outcome,
          () => 'failed',
        ),
        standstill(),
      ]),
    )
  }
  return outcomes
}

/** In the process nothing takes longer: what has not come by then never comes. */
async function standstill(): Promise<string> {
  for (let turns = 0; turns < 200; turns += 1) await new Promise((resolve) => setImmediate(resolve))
  return 'failed'
}
