import type { Line } from './line.ts'

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
