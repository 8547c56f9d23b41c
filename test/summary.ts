import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends a run with one plain line that any tool can read, after everything the other reporters say. A test that passed only the
 * second time is named before it: on a machine that others use a deadline may pass, and nobody should have to believe that.
 */
export default class SummaryReporter implements Reporter {
  private modules: ReadonlyArray<TestModule> = []
  private broken = 0

  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    this.modules = modules
    this.broken = errors.length
    process.once('exit', () => process.stdout.write(`${[...this.unsteady(), this.line()].join('\n')}\n`))
  }

  private unsteady(): string[] {
    return this.modules.flatMap(module => [...module.children.allTests()])
      .filter(test => test.result().state === 'passed' && (test.diagnostic()?.retryCount ?? 0) > 0)
      .map(test => `passed the second time: ${test.module.relativeModuleId} > ${test.fullName}`)
  }

  private line(): string {
    const counts = { passed: 0, failed: this.broken, skipped: 0, pending: 0 }
    for (const module of this.modules) {
      for (const test of module.children.allTests()) counts[test.result().state]++
      // A file that could not be loaded has no tests to count, and must not go unnoticed.
      if (module.errors().length > 0) counts.failed++
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
    return `${counts.passed} passed, ${counts.failed + counts.pending} failed${skipped}`
  }
}
