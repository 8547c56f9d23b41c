import { writeFileSync } from 'node:fs'
import type { Line } from './line.ts'
import { tableOf } from './table.ts'

/** One run of a bench, from its first measurement to its exit code. */
export interface Run {
  /** What could not be measured, and why. */
  failures: string[]
  /** Says what is measured now; undefined if that fails, and the run goes on. */
  step<T>(title: string, measure: () => Promise<T>): Promise<T | undefined>
  /** Prints the table and ends: with 1 when something could not be measured. A missed target is a result, not a failure. */
  finish(introduction: string, lines: readonly Line[], results: object, json?: string): never
}

/** @param limit seconds after which the run gives up */
export function beginRun(limit: number): Run {
  const failures: string[] = []
  const elapsed = () => Math.round(performance.now() / 1000)
  setTimeout(() => {
    console.error(`The bench gives up after ${limit} s: the machine is too busy.`)
    process.exit(1)
  }, limit * 1000).unref()

  return {
    failures,
    async step(title, measure) {
      console.error(`${String(elapsed()).padStart(4)} s  ${title}`)
      try {
        return await measure()
      } catch (error) {
        failures.push(`${title}: ${error instanceof Error ? error.message : String(error)}`)
        return undefined
      }
    },
    finish(introduction, lines, results, json) {
      console.log(introduction)
      console.log(`\n${tableOf(lines)}\n`)
      const count = (verdict: Line['verdict']) => lines.filter(line => line.verdict === verdict).length
      console.log(`${count('ok')} ok, ${count('missed')} missed, ${count('not measured')} not measured, ${elapsed()} s`)
      for (const failure of failures) console.error(`Not measured: ${failure}`)
      if (json) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`)
      process.exit(failures.length || count('not measured') ? 1 : 0)
    },
  }
}

/** A warning for the introduction, if one is needed. @param load average of the machine before the run */
export function busySentence(load: number): string[] {
  return load > 0.5 ? [`The machine was busy before this began (load ${load.toFixed(1)}): trust the CPU times rather than the rates.`] : []
}
