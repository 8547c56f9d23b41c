import { countStates, type Verdict } from '../../shared/lockfile-check/index.ts'

/** What was checked, and against what. */
export interface CheckedLockfile {
  name: string
  kind: string
  log: { vkey: string, checkpoint?: string }
  packages: readonly Verdict[]
}

/** As the command line's `--json` has it. */
export function verdictsAsJson({ name, kind, log, packages }: CheckedLockfile): string {
  return `${JSON.stringify({ lockfile: name, kind, log, counts: countStates(packages), packages }, null, 2)}\n`
}

/** RFC 4180. */
export function verdictsAsCsv(packages: readonly Verdict[]): string {
  const rows = packages.map(({ name, version, state, locked, recorded, at, reason }) =>
    [name, version, state, locked, recorded?.integrity, recorded?.index, recorded?.time, recorded?.evidence, at, reason])
  const header = ['name', 'version', 'state', 'locked', 'recorded', 'index', 'time', 'evidence', 'at', 'reason']
  return [header, ...rows].map(row => `${row.map(cellOf).join(',')}\r\n`).join('')
}

/** A scope's at sign begins no formula, since no bracket follows it. */
const SCOPED = /^@[\w.~-]+\/[\w.~-]+$/

function cellOf(value: string | number | undefined): string {
  const text = String(value ?? '')
  // Spreadsheets would take it for a formula; lockfiles are hostile.
  const isFormula = /^[=+\-@\t\r]/.test(text) && !SCOPED.test(text)
  return `"${(isFormula ? `'${text}` : text).replaceAll('"', '""')}"`
}
