import { ROUND_SECONDS } from './measure/comparison.ts'
import { CONNECTIONS } from './measure/wrk.ts'
import type { Environment } from './results.ts'
import type { Line } from './targets.ts'

const COLUMNS = ['what', 'target', 'measured', 'verdict', 'detail'] as const

/** The lines as one text table, columns as wide as they must be. */
export function tableOf(lines: readonly Line[]): string {
  const header: Record<typeof COLUMNS[number], string> = { what: 'what', target: 'target', measured: 'measured', verdict: '', detail: '' }
  const widths = COLUMNS.map(column => Math.max(header[column].length, ...lines.map(line => line[column].length)))
  const row = (line: Record<typeof COLUMNS[number], string>) => COLUMNS
    .map((column, index) => column === 'measured' ? line[column].padStart(widths[index] ?? 0) : line[column].padEnd(widths[index] ?? 0))
    .join('  ')
    .trimEnd()
  return [row(header), '─'.repeat(Math.min(120, widths.reduce((sum, width) => sum + width + 2, 0))), ...lines.map(row)].join('\n')
}

/** What a reader must know to judge the figures. */
export function introductionOf({ node, cpus, load, peers, rounds }: Environment): string {
  const sentences = [
    `Node ${node}, ${cpus} CPUs, nginx ${peers.nginx}, Verdaccio ${peers.verdaccio}.`,
    `Warm requests: gzip, ${CONNECTIONS} connections, medians of ${rounds} × ${ROUND_SECONDS} s in turns; µs is the CPU time of one request.`,
  ]
  if (load > 0.5) sentences.push(`The machine was busy before this began (load ${load.toFixed(1)}): trust the CPU times rather than the rates.`)
  return sentences.join('\n')
}
