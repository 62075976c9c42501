import { ButlerError } from '../errors.js'

/** What a contract needs of a test runner; vitest and `node:test` have both. Handed in, so that `@butlerkit/core/testing` depends on neither. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: (context: TestRunnerContext) => Promise<void>): unknown
}

/** What a test is handed by its runner. */
export interface TestRunnerContext {
  skip(reason?: string): unknown
}

/** What every contract is told. */
export interface ContractOptions extends TestRunner {
  /** The adapter, for the names of the tests. */
  readonly name: string
  /** Tests that this adapter cannot pass, by name, each with the reason it is skipped for. @defaultValue none */
  readonly cannot?: Readonly<Record<string, string>>
}

/** One promise of a port, as a test. */
export interface ContractCase<Stage> {
  /** A sentence whose subject is the adapter. */
  readonly name: string
  /** Why this adapter need not keep it. @returns `undefined` where it has to */
  readonly exempt?: (stage: Stage) => string | undefined
  readonly run: (stage: Stage) => Promise<void>
}

/** What a contract's tests play on. */
export interface ContractStage {
  close(): Promise<void>
}

/**
 * Defines one test for each case, each on a stage of its own.
 *
 * @throws ButlerError `CONTRACT_OPTIONS` for a name in `cannot` that is no test
 */
export function defineContract<Stage extends ContractStage>(
  { describe, it, name, cannot = {} }: ContractOptions,
  port: string,
  cases: readonly ContractCase<Stage>[],
  openStage: () => Promise<Stage>,
): void {
  const unknown = Object.keys(cannot).find((test) => cases.every((each) => each.name !== test))
  if (unknown !== undefined) throw new ButlerError('CONTRACT_OPTIONS', `cannot: ${port} has no test "${unknown}"`)
  describe(`${name} as a ${port}`, () => {
    for (const { name: test, exempt, run } of cases) {
      it(test, async (context) => {
        const reason = cannot[test] ?? (await play(openStage, exempt, run))
        // The prefix tells a promise that cannot be kept from a test that could not be run here.
        if (reason !== undefined) context.skip(`exempt: ${reason}`)
      })
    }
  })
}

/** @returns why the case was not run */
async function play<Stage extends ContractStage>(
  openStage: () => Promise<Stage>,
  exempt: ContractCase<Stage>['exempt'],
  run: ContractCase<Stage>['run'],
): Promise<string | undefined> {
  const stage = await openStage()
  try {
    const reason = exempt?.(stage)
    if (reason === undefined) await run(stage)
    return reason
  } finally {
    await stage.close()
  }
}
