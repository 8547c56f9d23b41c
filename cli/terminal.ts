import process from 'node:process'
import { styleText } from 'node:util'

/** Text from elsewhere, without anything a terminal would obey or a reader could not see. */
function printable(text: string): string {
  return text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\uFFFD')
}

/** One or more lines to stdout. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`)
}

/** One or more lines to stderr. */
export function complain(text: string): void {
  process.stderr.write(`${printable(text)}\n`)
}

/** A line of results, in a colour if stdout shows colours: the words say the same. */
export function printStyled(style: 'red' | 'yellow' | 'green' | 'bold', text: string): void {
  process.stdout.write(`${styleText(style, printable(text), { stream: process.stdout })}\n`)
}

/** Rows with their columns below each other; the last one may be of any length. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length))
  }
  return rows.map(row => row.map((cell, i) => i < row.length - 1 ? cell.padEnd(widths[i]!) : cell).join('  '))
}

/** `1,234` and the noun, in the plural if it is not one. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : plural}`
}
