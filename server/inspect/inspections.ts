import { LRUCache } from 'lru-cache'
import { formatPurl, type VersionSubject } from '../../shared/record/index.ts'
import type { Severity } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { Incidents } from '../incidents/index.ts'
import type { Packuments } from '../packument/index.ts'
import type { Upstream } from '../registry/index.ts'
import { createSingleFlight } from '../single-flight.ts'
import type { Tarballs } from '../tarball/index.ts'
import type { Findings } from './findings.ts'
import type { Inspector } from './inspector.ts'
import { isGrave, mismatch, sentenceOf } from './sentences.ts'
import type { Finding } from './types.ts'

/** A version whose bytes pass through us. */
export interface Passing {
  subject: VersionSubject
  /** The recorded sha512. */
  integrity: string
  /** Of its authority. */
  upstream: Upstream
  isPrivate: boolean
}

/** Looks into tarballs that are in the store: once for each version. */
export interface Inspections {
  /** Whether what is found is refused: then bytes wait for the verdict. */
  readonly isAwaited: boolean
  /** Has a stored version inspected when there is time. With too many waiting it is left for the next time it passes. */
  passed(passing: Passing): void
  /**
   * Why a stored version must not be served; inspects it first if nobody did.
   * @throws RegistryError `UPSTREAM_UNAVAILABLE`: it cannot be told now
   */
  verdict(passing: Passing): Promise<RegistryError | undefined>
  /** Versions that wait, and those that were left because too many did. */
  stats(): { waiting: number, dropped: number }
  close(): Promise<void>
}

interface InspectionsOptions {
  findings: Findings
  inspector: Inspector
  incidents: Pick<Incidents, 'report'>
  store: Pick<Tarballs['store'], 'locate'>
  packuments: Pick<Packuments, 'manifest' | 'forget'>
  /** What follows from a difference. */
  policy: Severity
  trouble(what: string, error: unknown, name: string): void
}

const MAX_WAITING = 1_000
/** Versions that need no look into the database. */
const MAX_KNOWN = 50_000
/** Seconds. */
const RETRY_AFTER = 5

export function createInspections(options: InspectionsOptions): Inspections {
  const { findings, inspector, incidents, store, packuments, policy, trouble } = options
  const known = new LRUCache<string, { refusal?: RegistryError }>({ max: MAX_KNOWN })
  const flights = createSingleFlight<RegistryError | undefined>()
  /** Versions that passed and wait. */
  const pending = new Set<string>()
  let waiting = 0
  let dropped = 0
  let closed = false

  /** @throws RegistryError, or whatever fails */
  async function look(passing: Passing, key: string): Promise<RegistryError | undefined> {
    const { subject, integrity, upstream } = passing
    let found = await findings.of(subject, integrity)
    if (!found) {
      const content = await store.locate(integrity)
      const manifest = content && await packuments.manifest(subject.name, upstream, subject.version)
      if (!manifest) throw untold(passing, content ? 'its registry does not list it' : 'its bytes are not stored')
      const inspection = await inspector.inspect({ ...content, manifest: new Uint8Array(manifest) })
      if (inspection.state === 'gone') throw untold(passing, 'its bytes were removed meanwhile')
      found = inspection.findings
      // The incident first: whoever ends between the two looks again.
      await report(passing, found)
      await findings.keep(subject, integrity, found)
    }
    const refusal = mismatch(whatIs(passing), found)
    // The package is judged anew, now that this is known.
    if (refusal && policy === 'deny') packuments.forget(subject.name, upstream)
    known.set(key, { refusal })
    return refusal
  }

  async function report({ subject, integrity, upstream: { registry }, isPrivate }: Passing, found: readonly Finding[]) {
    if (!found.some(isGrave)) return
    const purl = formatPurl(subject)
    await incidents.report([{
      kind: 'manifest-mismatch', cause: `manifest-mismatch ${purl} ${integrity} tarball`, subject: purl, source: registry.id, isPrivate,
      sentence: sentenceOf(`${subject.name}@${subject.version}`, found),
      evidence: {
        claimed: { sha512: integrity },
        details: { findings: found },
        asked: { source: registry.id, registry: registry.url, at: new Date().toISOString() },
      },
    }])
  }

  /** Undefined: too many wait. */
  function inspect(passing: Passing, key: string): Promise<RegistryError | undefined> | undefined {
    if (waiting >= MAX_WAITING) return undefined
    waiting++
    return flights.run(key, () => look(passing, key)).finally(() => {
      waiting--
    })
  }

  return {
    isAwaited: policy === 'deny',
    passed(passing) {
      const key = keyOf(passing)
      if (closed || known.has(key) || pending.has(key)) return
      const inspection = inspect(passing, key)
      if (!inspection) {
        dropped++
        return
      }
      pending.add(key)
      inspection.catch((error: unknown) => {
        if (!closed) trouble('looking into a tarball', error, passing.subject.name)
      }).finally(() => pending.delete(key))
    },
    async verdict(passing) {
      const key = keyOf(passing)
      const before = known.get(key)
      if (before) return policy === 'deny' ? before.refusal : undefined
      try {
        const refusal = await (inspect(passing, key) ?? Promise.reject(untold(passing, 'too many others wait for that')))
        return policy === 'deny' ? refusal : undefined
      } catch (error) {
        if (error instanceof RegistryError) throw error
        trouble('looking into a tarball', error, passing.subject.name)
        throw untold(passing, 'that failed')
      }
    },
    stats: () => ({ waiting, dropped }),
    async close() {
      closed = true
      await inspector.close()
    },
  }
}

function keyOf({ subject, integrity }: Passing): string {
  return `${formatPurl(subject)} ${integrity}`
}

function whatIs({ subject: { name, version } }: Passing): string {
  return `${name}@${version}`
}

function untold(passing: Passing, why: string): RegistryError {
  return new RegistryError('UPSTREAM_UNAVAILABLE', `The tarball of ${whatIs(passing)} has to be looked into before it is served, and ${why}; try again in a moment.`, {
    retryAfter: RETRY_AFTER,
  })
}
