import canonicalize from 'canonicalize'
import { canonicalDigest, parsePurl, parseRecord } from '../../shared/record/index.ts'
import { formatTlogProof, proveInclusion } from '../../shared/tlog/index.ts'
import type { Incident, IncidentBundle, ProvenRecord } from '../../shared/types/incidents.ts'
import { RegistryError } from '../errors.ts'
import type { Incidents, StoredIncident } from '../incidents/index.ts'
import type { Log } from '../log/index.ts'
import type { Tarballs } from '../tarball/index.ts'
import { findIncident } from './read.ts'
import { fullIncident } from './shape.ts'

/** Bytes of a lie that are put into its bundle; of larger ones the digest has to do. */
const MAX_BYTES = 1024 * 1024
/** The newest `keys` records of the log among which the registry's is looked for. */
const KEYS_RECORDS = 200

/** Makes files that prove an incident to whoever does not believe this server. */
export interface Bundles {
  /**
   * The text of an incident's file: one line of RFC 8785 JSON.
   * @param withPrivate whether the reader is an operator
   * @throws RegistryError `BAD_REQUEST`, `NOT_FOUND`; `LOG_UNAVAILABLE` where a record is not public yet
   */
  make(id: string, withPrivate: boolean): Promise<{ name: string, text: string }>
}

interface BundlesOptions {
  incidents: Incidents
  log: Pick<Log, 'origin' | 'vkey' | 'head' | 'texts' | 'hashes' | 'list' | 'defaultNamespace'>
  store: Pick<Tarballs['store'], 'find' | 'open'>
  /** Whether an operator took a version (package URL) down: then its bytes are given to nobody else. */
  isTakenDown(subject: string): boolean
}

export function createBundles({ incidents, log, store, isTakenDown }: BundlesOptions): Bundles {
  /** Records with proofs from one checkpoint, in the order of the log. */
  async function prove(indexes: Iterable<number>): Promise<ProvenRecord[]> {
    const { size, checkpoint } = await log.head()
    const hashes = log.hashes(size)
    return Promise.all([...new Set(indexes)].sort((a, b) => a - b).map(async (index) => {
      const [text] = index < size ? await log.texts(index, index + 1) : []
      if (text === undefined) throw new RegistryError('LOG_UNAVAILABLE', `Record ${index} is not in a published checkpoint yet; try again in a moment.`, { retryAfter: 1 })
      return { index, text, proof: formatTlogProof({ index, hashes: await proveInclusion(index, size, hashes), checkpoint }) }
    }))
  }

  /** The newest record of the evidence's keys: then nobody needs to believe that they are the registry's. */
  async function keysRecord({ evidence: { keys = [] }, subject }: StoredIncident): Promise<number | undefined> {
    if (keys.length === 0 || subject === undefined) return undefined
    const { namespace = log.defaultNamespace } = parsePurl(subject)
    const { entries } = await log.list({ kind: 'keys', limit: KEYS_RECORDS })
    return entries.find(({ text }) => {
      const record = parseRecord(text)
      return record.kind === 'keys' && record.namespace === namespace
        && keys.every(({ keyid, key }) => record.keys.some(one => one.keyid === keyid && one.key === key))
    })?.index
  }

  async function bytesOf({ evidence, subject }: StoredIncident, withPrivate: boolean): Promise<IncidentBundle['bytes']> {
    const sha512 = evidence.claimed?.sha512
    if (sha512 === undefined) return null
    const absent = { sha512, size: evidence.claimed?.size ?? null, base64: null }
    const found = await store.find(sha512)
    if (!found) return absent
    const isSecret = !withPrivate && subject !== undefined && isTakenDown(subject)
    if (found.size > MAX_BYTES || isSecret) return { ...absent, size: found.size }
    const stream = await store.open(sha512)
    if (!stream) return absent
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    return { sha512, size: found.size, base64: Buffer.concat(chunks).toString('base64') }
  }

  return {
    async make(id, withPrivate) {
      const incident = await findIncident(incidents, id, withPrivate)
      const { isPrivate } = incident
      const indexes = isPrivate ? [] : [...recordsOf(incident), await keysRecord(incident)].filter(index => index !== undefined)
      return {
        name: `incident-${incident.id}.json`,
        text: textOf({
          format: 'npmx-incident@v1',
          incident: fullIncident(incident),
          log: isPrivate ? null : { origin: log.origin, vkey: log.vkey },
          records: await prove(indexes),
          bytes: await bytesOf(incident, withPrivate),
        }),
      }
    },
  }
}

/** The records that an incident refers to. */
function recordsOf({ evidence: { recorded }, record, acknowledged }: StoredIncident): number[] {
  const standing = recorded && 'index' in recorded ? recorded.index : undefined
  return [standing, record, acknowledged?.record ?? undefined].filter(index => index !== undefined)
}

/** The one spelling of a bundle. */
function textOf(bundle: Omit<IncidentBundle, 'digest'> & { incident: Incident }): string {
  const complete: IncidentBundle = { ...bundle, digest: canonicalDigest(bundle) }
  return `${canonicalize(complete)}\n`
}
