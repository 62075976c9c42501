import { appendFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** Closes a run with `N passed, N failed, N skipped`, naming what was skipped and why. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      if (module.state() === 'failed' && module.errors().length > 0) count.failed += 1
      for (const test of module.children.allTests()) {
        const { state, ...result } = test.result()
        count[state] += 1
        if (state === 'skipped') console.log(`skipped: ${test.fullName} (${('note' in result && result.note) || 'no reason given'})`)
      }
    }
    const line = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`
    console.log(line)
    const summary = process.env['BUTLERKIT_TEST_SUMMARY']
    if (summary) appendFileSync(summary, `${line}\n`)
  }
}
