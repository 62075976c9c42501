import { appendFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/**
 * Closes a run with `N passed, N failed, N skipped`, naming what was skipped and why. Promises of a port that an adapter cannot keep
 * (`exempt: …`, from core's contracts) are listed apart: nothing was missing on this machine.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0, exempt: 0 }
    for (const module of modules) {
      if (module.state() === 'failed' && module.errors().length > 0) count.failed += 1
      for (const test of module.children.allTests()) {
        const { state, ...result } = test.result()
        const note = ('note' in result && result.note) || 'no reason given'
        const outcome = state === 'skipped' && note.startsWith('exempt: ') ? 'exempt' : state
        count[outcome] += 1
        if (state === 'skipped') console.log(`${outcome}: ${test.fullName} (${note.replace('exempt: ', '')})`)
      }
    }
    if (count.exempt > 0) console.log(`${count.exempt} promises of ports from which adapters are exempt, named above`)
    const line = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`
    console.log(line)
    const summary = process.env['BUTLERKIT_TEST_SUMMARY']
    if (summary) appendFileSync(summary, `${line}\n`)
  }
}
