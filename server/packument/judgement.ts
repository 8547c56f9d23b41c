import { createHash } from 'node:crypto'
import type { RegistryError } from '../errors.ts'
import { newest } from './newest.ts'
import type { Omissions, Summary, Verdict } from './types.ts'

/** A verdict, and what follows from it for what is rendered. */
export interface Judgement {
  verdict: Verdict
  /** Two renderings of a package are the same if this is: the snapshot's id, what is left out of it, and what we sign. */
  state: string
  /** Absent: nothing is left out. */
  omissions?: Omissions
  /** Why the package cannot be served at all: none of its versions can. */
  refusal?: RegistryError
  /** When to look again at what is withheld only for now; `Infinity`: nothing is. Moved on by whoever does. */
  retryAt: number
}

export function judgementOf(snapshotId: string, summary: Summary, verdict: Verdict): Judgement {
  const { withheld, retryAt } = verdict
  const base = verdict.signatures ? `${snapshotId} signed ${digestOf(verdict.signatures)}` : snapshotId
  if (withheld.size === 0) return { verdict, state: base, retryAt }
  const versions = new Set(withheld.keys())
  const set = createHash('sha256').update([...versions].toSorted().join(' ')).digest('base64url')
  return {
    verdict,
    state: `${base} without ${set}`,
    omissions: { versions, tags: tagsWithout(versions, summary) },
    refusal: versions.size === summary.versions.size ? refusalOf(summary, withheld) : undefined,
    retryAt,
  }
}

function digestOf(signatures: NonNullable<Verdict['signatures']>): string {
  const hash = createHash('sha256')
  for (const [version, { keyid, signature }] of signatures) hash.update(`${version} ${keyid} ${signature}\n`)
  return hash.digest('base64url')
}

/** Whoever has only other versions left does not get one by a tag that somebody gave to this one; `latest` everybody needs. */
function tagsWithout(omitted: ReadonlySet<string>, { tags, versions }: Summary): Record<string, string> {
  const kept: Record<string, string> = Object.create(null)
  for (const [tag, version] of Object.entries(tags)) {
    if (!omitted.has(version)) kept[tag] = version
  }
  if (!kept.latest) {
    const latest = newest(new Map([...versions].filter(([version]) => !omitted.has(version))))
    if (latest) kept.latest = latest
  }
  return kept
}

/** What passes by itself first: then asking again helps. Else what holds for the version that most would have got. */
function refusalOf({ tags }: Summary, withheld: Verdict['withheld']): RegistryError {
  const errors = [...withheld.values()]
  return errors.find(({ status }) => status >= 500) ?? withheld.get(tags.latest!) ?? errors[0]!
}
