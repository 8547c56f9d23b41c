import type { Memory } from './memory.ts'

const KEY = 'registry-lockfile-left-out'
/** Characters of what is remembered, and patterns in it. */
const MAX_LENGTH = 10_000
const MAX_PATTERNS = 200

/** Names that must not be looked up, as the person wrote them. */
export function leftOut(memory: Memory): string {
  return memory.getItem(KEY)?.slice(0, MAX_LENGTH) ?? ''
}

export function leaveOut(memory: Memory, text: string): void {
  memory.setItem(KEY, text.slice(0, MAX_LENGTH))
}

/** The patterns in a text: separated by white space or commas. */
export function patternsIn(text: string): string[] {
  return text.slice(0, MAX_LENGTH).split(/[\s,]+/).filter(pattern => pattern !== '').slice(0, MAX_PATTERNS)
}
