import type { ErrorCode, RegistryError } from '../errors.ts'
import type { Judged, Summary, Verdict, VersionSummary } from '../packument/index.ts'

/** A verdict while it is being reached. */
export interface OpenVerdict {
  withheld: Map<string, RegistryError>
  digests: Map<string, string>
  signatures?: Verdict['signatures']
  retryAt: number
  failure?: RegistryError
  due?: boolean
}

/** What almost all packages get; one for all, because tens of thousands are kept. */
const CLEAN: Verdict = { withheld: new Map(), digests: new Map(), retryAt: Infinity }

export function openVerdict(): OpenVerdict {
  return { withheld: new Map(), digests: new Map(), retryAt: Infinity }
}

/** @param retryIn milliseconds; without it, looking again would find the same */
export function withhold(verdict: OpenVerdict, version: string, why: RegistryError, retryIn = Infinity): void {
  verdict.withheld.set(version, why)
  lookAgain(verdict, retryIn)
}

/** Has the look repeated although nothing moves: there is more to record. */
export function postpone(verdict: OpenVerdict, retryIn: number): void {
  verdict.due = true
  lookAgain(verdict, retryIn)
}

export function lookAgain(verdict: OpenVerdict, retryIn: number): void {
  verdict.retryAt = Math.min(verdict.retryAt, Date.now() + retryIn)
}

export function settled(verdict: OpenVerdict): Verdict {
  const { withheld, digests, signatures, retryAt } = verdict
  return withheld.size === 0 && digests.size === 0 && !signatures && retryAt === Infinity ? CLEAN : verdict
}

/** The versions that an earlier verdict does not speak for; of the others, what it found is taken over. */
export function unsettled(
  { versions }: Summary, before: Judged | undefined, verdict: OpenVerdict,
): ReadonlyMap<string, VersionSummary> {
  if (!before) return versions
  // They hold as long as nothing is open and nothing is gone; otherwise all of them are asked for again.
  if (before.verdict.signatures) verdict.signatures = before.verdict.signatures
  const open = new Map<string, VersionSummary>()
  for (const [version, claim] of versions) {
    const earlier = before.summary.versions.get(version)
    const isSame = earlier && earlier.integrity === claim.integrity && earlier.isPlain === claim.isPlain
      && earlier.manifest === claim.manifest
    if (!isSame || before.verdict.withheld.has(version)) {
      open.set(version, claim)
      continue
    }
    const digest = before.verdict.digests.get(version)
    if (digest !== undefined) verdict.digests.set(version, digest)
  }
  return open
}

/** How many versions are withheld with each code that were not before. */
export function newlyWithheld({ withheld }: Verdict, before: Judged | undefined): Map<ErrorCode, number> {
  const counts = new Map<ErrorCode, number>()
  for (const [version, { code }] of withheld) {
    if (before?.verdict.withheld.get(version)?.code !== code) counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return counts
}

/** Whether tags point elsewhere, or versions are gone, since the last time; true where that is not known. */
export function hasMoved({ tags, versions }: Summary, before: Judged | undefined): boolean {
  if (!before) return true
  const [now, then] = [Object.entries(tags), before.summary.tags]
  return now.length !== Object.keys(then).length
    || now.some(([tag, version]) => then[tag] !== version)
    || [...before.summary.versions.keys()].some(version => !versions.has(version))
}
