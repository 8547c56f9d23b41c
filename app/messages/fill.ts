/**
 * Puts values into a message: `fill('{n} s ago', { n: 3 })` is `3 s ago`.
 * A name without a value stays as it is, so a forgotten one is seen.
 */
export function fill(message: string, values: Readonly<Record<string, string | number>>): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
