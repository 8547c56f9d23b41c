import { createHash } from 'node:crypto'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { RegistryError } from '../../../server/errors.ts'
import type { Judge, Summary, VersionSummary } from '../../../server/packument/index.ts'
import type { Upstream } from '../../../server/registry/index.ts'
import type { IncidentReport, Incidents } from '../../../server/incidents/index.ts'
import { createConflicts, type Conflicts } from '../../../server/verify/conflicts.ts'
import type { Digests } from '../../../server/verify/digests.ts'
import { createJudge, type JudgeOptions } from '../../../server/verify/judge.ts'
import type { Ledger, VerifyObserver } from '../../../server/verify/types.ts'
import { createMemoryLog, type MemoryLog } from './memory-log.ts'

/** The sha512 of a content. */
export const sha512 = (content: string) => `sha512-${createHash('sha512').update(content).digest('base64')}`
const MANIFEST = `sha256-${createHash('sha256').update('manifest').digest('base64')}`

/** A version as the registry describes it: with the sha512 of a content, or with some other digest. */
export function claim(content: string, more: Partial<VersionSummary> = {}): VersionSummary {
  return {
    integrity: sha512(content), isPlain: true, tarball: `https://npm.example/x/-/${content}.tgz`, manifest: MANIFEST,
    published: undefined, deprecated: false, signatures: [], ...more,
  }
}
/** A version of which only the bytes tell the sha512. */
export const weak = (content: string) => claim(content, { integrity: `sha1-${createHash('sha1').update(content).digest('base64')}`, isPlain: false })

interface About {
  name?: string
  tags?: Record<string, string>
}

export function summary(versions: Record<string, VersionSummary>, { name = 'x', tags = {} }: About = {}): Summary {
  return { name, tags, versions: new Map(Object.entries(versions)), unusable: [] }
}

export function upstream(id = 'npm', namespace = 'npm.example'): Upstream {
  const registry: RegistryConfig = {
    id, namespace, url: `https://${namespace}/`, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true },
  }
  return { registry, request: () => Promise.reject(new Error('nothing is asked')) }
}

export interface Bench {
  judge: Judge
  log: MemoryLog
  /** What each weak digest's bytes hash to; what is not in it cannot be fetched. */
  bytes: Map<string, string | RegistryError>
  /** Versions that were fetched, in order. */
  fetched: string[]
  incidents: IncidentReport[]
  seen: {
    recorded: [evidence: string, count: number][]
    withheld: [code: string, count: number][]
    trouble: string[]
    mirrorOnly: string[][]
    noted: Parameters<VerifyObserver['noted']>[]
  }
}

/** What a judge asks besides the log; by default, everybody is content. */
type Steps = Pick<JudgeOptions, 'thresholds' | 'signatures' | 'ownSignatures' | 'rules' | 'chronicles'>

/** What steps report to. */
export interface Parts {
  conflicts: Conflicts
  incidents: Pick<Incidents, 'report'>
  observer: VerifyObserver
}

/** A judge over a log in memory; names that begin with `@private/` are private. */
export function createBench(
  { pins, log = createMemoryLog(), stepsOf, ...steps }:
  { pins?: Ledger, log?: MemoryLog, stepsOf?: (parts: Parts) => Partial<Steps> } & Partial<Steps> = {},
): Bench {
  const bytes: Bench['bytes'] = new Map()
  const fetched: string[] = []
  const seen: Bench['seen'] = { recorded: [], withheld: [], trouble: [], mirrorOnly: [], noted: [] }
  const observer: VerifyObserver = {
    recorded: (...counted) => seen.recorded.push(counted),
    withheld: (...counted) => seen.withheld.push(counted),
    trouble: what => seen.trouble.push(what),
    noted: (...noted) => seen.noted.push(noted),
    mirrorOnly: (mirror, name, versions) => seen.mirrorOnly.push([mirror.id, name, ...versions]),
  }
  const kept: IncidentReport[] = []
  const incidents: Pick<Incidents, 'report'> = {
    async report(all) {
      const fresh = all.filter(({ cause }) => !kept.some(known => known.cause === cause))
      kept.push(...fresh)
      return new Set(fresh.map(({ cause }) => cause))
    },
  }
  const digests: Digests = {
    async find(_, wanted) {
      fetched.push(...wanted.map(({ version }) => version))
      return new Map(wanted.map(({ version, summary: { integrity } }) =>
        [version, bytes.get(integrity) ?? new RegistryError('UPSTREAM_UNAVAILABLE', 'The registry is away.')]))
    },
  }
  const nobody: Ledger = { versionsOf: () => Promise.reject(new Error('no pins')), record: () => Promise.reject(new Error('no pins')) }
  const conflicts = createConflicts({ log, incidents })
  const judge = createJudge({
    log, pins: pins ?? nobody, digests, observer, conflicts,
    routes: { isPrivate: name => name.startsWith('@private/') },
    thresholds: { check: () => new Map() },
    signatures: { check: async (_, digests) => new Map([...digests.keys()].map(version => [version, 'unsigned'])) },
    rules: [],
    chronicles: [],
    ...steps,
    ...stepsOf?.({ conflicts, incidents, observer }),
  })
  return { judge, log, bytes, fetched, incidents: kept, seen }
}
