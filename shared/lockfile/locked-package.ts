import { LockfileError, malformed, quote } from './errors.ts'
import type { LockedPackage, LockState } from './types.ts'

/** Far above the largest projects. */
const MAX_PACKAGES = 200_000

type Found = Omit<LockedPackage, 'state'>

/** A package from a registry; which digests are locked decides its state. */
export function fromRegistry({ name, version, integrity, resolved, at, note }: Found): LockedPackage {
  const digest = judge(integrity)
  if (version === '') return locked({ name, version, integrity, resolved, at, note: 'the lockfile names no version' }, 'no-integrity')
  return locked({ name, version, integrity, resolved, at, note: digest.note ?? note }, digest.state)
}

/** A package that no registry can vouch for; the note says what it is. */
export function notFromRegistry(found: Found & { note: string }): LockedPackage {
  return locked(found, 'not-from-registry')
}

/** A package from a registry whose lockfile has something else than Subresource Integrity. */
export function withoutIntegrity(found: Found, state: 'no-integrity' | 'other-digest'): LockedPackage {
  return locked(found, state)
}

/** Leaves out what is undefined. */
function locked({ name, version, integrity, resolved, at, note }: Found, state: LockState): LockedPackage {
  return {
    name,
    version,
    ...(integrity !== undefined && { integrity }),
    ...(resolved !== undefined && { resolved }),
    at,
    state,
    ...(note !== undefined && { note }),
  }
}

// Clients take the strongest algorithm of several, know them in lower case only, and check nothing when they know none.
function judge(integrity = ''): { state: LockState, note?: string } {
  const algorithms = integrity.trim().split(/\s+/).map(hash => /^(sha512|sha384|sha256|sha1|md5)-./.exec(hash)?.[1])
  if (algorithms.includes('sha512')) return { state: 'registry' }
  const weaker = algorithms.find(algorithm => algorithm !== undefined)
  if (weaker !== undefined) {
    return { state: 'other-digest', note: `only a ${weaker} digest is locked: only that the version exists can be proven` }
  }
  return { state: 'no-integrity', ...(integrity !== '' && { note: 'its integrity is not a digest' }) }
}

/**
 * Each package once, at its first place; two digests for one version stay two packages.
 * What is not from a registry is the same if it comes from the same place.
 *
 * @throws LockfileError for texts that hold control characters: they are shown to people and become parts of URLs.
 */
export function merge(packages: readonly LockedPackage[]): LockedPackage[] {
  if (packages.length > MAX_PACKAGES) {
    throw new LockfileError('TOO_LARGE', `The lockfile has ${packages.length} entries; ${MAX_PACKAGES} are the most we read.`)
  }
  const once = new Map<string, LockedPackage>()
  for (const entry of packages) {
    for (const text of [entry.name, entry.version, entry.integrity, entry.resolved, entry.at]) {
      if (text !== undefined && hasControls(text)) throw malformed(`The entry ${quote(entry.at)} holds control characters.`)
    }
    if (entry.name === '') throw malformed(`The entry ${quote(entry.at)} has no package name.`)
    const key = JSON.stringify(identity(entry))
    if (!once.has(key)) once.set(key, entry)
  }
  return [...once.values()]
}

function identity({ state, name, version, integrity, resolved }: LockedPackage): unknown[] {
  if (state === 'not-from-registry') return [state, name, integrity, resolved ?? ['version', version]]
  return integrity === undefined ? [state, name, version, resolved] : [state, name, version, integrity]
}

const hasControls = (text: string) => /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(text)
