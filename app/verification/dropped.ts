/** What somebody may want to have verified. */
export type Dropped = 'proof' | 'record' | 'bundle' | 'lockfile'

/**
 * What a text is, by how it begins. Whatever is nothing else is taken for a lockfile, whose reader says best what is wrong.
 */
export function kindOf(text: string): Dropped {
  if (text.startsWith('c2sp.org/tlog-proof@')) return 'proof'
  if (text.startsWith('{') && /"format"\s*:\s*"npmx-incident@/.test(text)) return 'bundle'
  if (/^(?:version|conflict|withdrawn|acknowledged) pkg:npm\/|^tags pkg:npm\/|^(?:keys|head|policy) \S+\n/.test(text)) return 'record'
  return 'lockfile'
}
