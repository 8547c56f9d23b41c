import type { Lookup } from '../sumdb/index.ts'
import type { LockedPackage } from '../lockfile/index.ts'

/**
 * What verification says of a locked package.
 *
 * - `verified`: recorded, and with exactly the digest that is locked
 * - `mismatch`: recorded with another digest
 * - `missing`: the log has no record of it, and cannot make one
 * - `unproven`: the log's answer is not what it has in its tree, or is of another authority's package
 * - `unavailable`: no answer about this package now
 * - `weaker`: recorded, but the lockfile has no digest that can be compared
 * - `skipped`: not from a registry, or not to be asked for
 */
export type State = 'verified' | 'mismatch' | 'missing' | 'unproven' | 'unavailable' | 'weaker' | 'skipped'

export interface Verdict {
  name: string
  version: string
  /** Where in the lockfile. */
  at: string
  state: State
  /** Why, unless it is verified. */
  reason?: string
  /** As the lockfile has it. */
  locked?: string
  /** As the log has it. */
  recorded?: { index: number, integrity: string, evidence: string, time: string, namespace?: string }
}

/** How many packages are in which state. */
export function countStates(verdicts: Iterable<Pick<Verdict, 'state'>>): Record<State, number> {
  const counts = { verified: 0, mismatch: 0, missing: 0, unproven: 0, unavailable: 0, weaker: 0, skipped: 0 }
  for (const { state } of verdicts) counts[state]++
  return counts
}

/** Holds what is locked against what is recorded. */
export function judge(locked: LockedPackage, { index, record }: Lookup): Verdict {
  const { integrity, recorded: time, evidence, subject: { namespace } } = record
  const recorded = { index, integrity, evidence, time, ...(namespace !== undefined && { namespace }) }
  const digests = sha512Of(locked.integrity)
  if (locked.state !== 'registry' || digests.length === 0) {
    const reason = locked.note ?? 'the lockfile has no digest of it: only that the version exists can be proven'
    return { ...verdictOf(locked, 'weaker', reason), recorded }
  }
  // A client takes bytes that match any of several digests, so each must be the recorded one.
  if (digests.every(digest => digest === integrity)) return { ...verdictOf(locked, 'verified'), recorded }
  return { ...verdictOf(locked, 'mismatch', 'the log recorded another digest'), recorded }
}

export function verdictOf({ name, version, at, integrity: locked }: LockedPackage, state: State, reason?: string): Verdict {
  return { name, version, at, state, ...(reason !== undefined && { reason }), ...(locked !== undefined && { locked }) }
}

// SPEC: Subresource Integrity: hash-with-options = hash-expression *("?" option-expression), separated by white space.
function sha512Of(integrity = ''): string[] {
  const hashes = integrity.split(/\s+/).map(hash => hash.split('?', 1)[0]!)
  return hashes.filter(hash => hash.startsWith('sha512-'))
}
