import { createHash, createPublicKey, verify } from 'node:crypto'
import canonicalize from 'canonicalize'
import * as v from 'valibot'
import {
  canonicalDigest, formatPurl, incidentDigest, parsePurl, parseRecord, RecordError,
  type LogRecord, type RegistryKey, type VersionRecord,
} from '../shared/record/index.ts'
import {
  createVerifier, decodeBase64, parseTlogProof, TlogError, verifyEd25519, verifyTlogProof, type NoteVerifier,
} from '../shared/tlog/index.ts'
import type { IncidentBundle } from '../shared/types/incidents.ts'
import { UsageError } from './failure.ts'

/** One thing that was looked at: it is as the bundle says, it contradicts the bundle, or the bundle does not prove it. */
export interface Finding {
  state: 'verified' | 'contradiction' | 'unproven'
  sentence: string
}

export interface BundleReport {
  bundle: IncidentBundle
  /** Why the log's key is trusted; `unknown`: the bundle itself names it. Null where no log is involved. */
  trust: 'given' | 'known' | 'unknown' | null
  findings: Finding[]
}

interface Trust {
  /** The log's verifier key, if the reader has one. */
  vkey?: string
  /** Keys of logs that the reader trusted before. */
  known: readonly string[]
}

const text = v.string()
const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema)
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Signature = v.looseObject({ keyid: text, signature: text })
const Bundle = v.strictObject({
  format: v.literal('npmx-incident@v1'),
  digest: text,
  incident: v.strictObject({
    id: index, kind: text, cause: text, digest: text, source: text, sentence: text, noticed: text, isPrivate: v.boolean(),
    subject: nullable(v.pipe(text, v.check(isPurl))), record: nullable(index),
    acknowledged: nullable(v.looseObject({ by: text, reason: text, at: text, record: nullable(index) })),
    evidence: v.looseObject({
      recorded: v.optional(v.union([
        v.strictObject({ index, text }),
        v.looseObject({ pinned: v.looseObject({ integrity: text }) }),
      ])),
      claimed: v.optional(v.looseObject({
        integrity: v.optional(text), sha512: v.optional(text), size: v.optional(v.number()),
        signatures: v.optional(v.array(Signature)),
      })),
      keys: v.optional(v.array(v.looseObject({ keyid: text, key: text, expires: v.optional(text) }))),
    }),
  }),
  log: nullable(v.strictObject({ origin: text, vkey: text })),
  records: v.array(v.strictObject({ index, text, proof: text })),
  bytes: nullable(v.strictObject({ sha512: text, size: nullable(index), base64: nullable(text) })),
})

/**
 * Checks an incident's file without asking anybody, and without believing who made it: what the log signed, what the registry
 * signed, and whether all of it is about the same.
 * @throws UsageError for what is no such file
 */
export function checkBundle(bytes: Uint8Array, trust: Trust): BundleReport {
  const { bundle, canonical, source } = read(bytes)
  const report: BundleReport = { bundle, trust: null, findings: [] }
  const say = (state: Finding['state'], sentence: string) => report.findings.push({ state, sentence })
  const expect = (holds: boolean, good: string, bad: string) => say(holds ? 'verified' : 'contradiction', holds ? good : bad)

  const { digest, ...rest } = bundle
  if (source !== canonical) say('contradiction', 'The file is not as it was written: it was changed or formatted anew.')
  expect(canonicalDigest(rest) === digest, 'The file is undamaged.', 'The file is damaged or was changed: its digest is not that of what it says.')
  const { incident } = bundle
  const isNamed = incidentDigest(incident) === incident.digest
  if (!isNamed) say('contradiction', `The incident's digest is ${incidentDigest(incident)}, not ${incident.digest}.`)

  const records = checkLog(report, trust, say)
  checkReferences(bundle, records, say)
  checkDigests(bundle, records, say)
  checkSignatures(bundle, records, say)
  checkBytes(bundle, say)
  return report
}

type Say = (state: Finding['state'], sentence: string) => void
/** What the log has, by index. */
type Records = ReadonlyMap<number, LogRecord>

function read(bytes: Uint8Array): { bundle: IncidentBundle, canonical: string, source: string } {
  try {
    const source = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value = JSON.parse(source) as object
    const canonical = `${canonicalize(value)}\n`
    return { bundle: v.parse(Bundle, value) as unknown as IncidentBundle, canonical, source }
  } catch (cause) {
    const where = cause instanceof v.ValiError ? ` (${v.getDotPath(cause.issues[0] as v.BaseIssue<unknown>) ?? 'it'} is not as it should be)` : ''
    throw new UsageError(`This is not the file of an incident, as /api/incidents/<id>/bundle gives it${where}.`, { cause })
  }
}

/** That each record is in the tree that the log signed. */
function checkLog(report: BundleReport, trust: Trust, say: Say): Records {
  const { bundle: { log, records } } = report
  const found = new Map<number, LogRecord>()
  if (!log) {
    if (records.length > 0) say('contradiction', 'The file has records, but says that they are of no log.')
    else say('unproven', 'No log has records of this: it is about a name that is private to the operator.')
    return found
  }
  report.trust = trust.vkey !== undefined ? 'given' : trust.known.includes(log.vkey) ? 'known' : 'unknown'
  const verifier = verifierOf(trust.vkey ?? log.vkey, trust.vkey !== undefined, say)
  if (!verifier) return found
  if (log.vkey !== (trust.vkey ?? log.vkey)) say('contradiction', `The file is of a log with another key, ${log.vkey}.`)
  if (log.origin !== verifier.name) say('contradiction', `The file says that the log is ${log.origin}, but its key is that of ${verifier.name}.`)
  const checkpoints = new Set<string>()
  for (const { index, text, proof } of records) {
    try {
      const proven = verifyTlogProof(proof, new TextEncoder().encode(text), verifier)
      checkpoints.add(parseTlogProof(proof).checkpoint)
      if (proven.index !== index || found.has(index)) say('contradiction', `The proof of record ${index} is that of record ${proven.index}.`)
      found.set(index, parseRecord(text))
    } catch (error) {
      if (!(error instanceof TlogError) && !(error instanceof RecordError)) throw error
      say('contradiction', `Record ${index} is not proven: ${error.message}`)
    }
  }
  if (checkpoints.size > 1) say('contradiction', 'The proofs are of more than one checkpoint.')
  if (records.length === 0) say('unproven', `The log ${log.origin} has no record of this.`)
  else if (found.size === records.length) {
    const [, size] = [...checkpoints][0]!.split('\n')
    say('verified', `The log ${verifier.name} signed a tree of ${size} records in which the ${records.length === 1 ? 'record is' : `${records.length} records of this file are`}.`)
  }
  return found
}

function verifierOf(vkey: string, isGiven: boolean, say: Say): NoteVerifier | undefined {
  try {
    return createVerifier(vkey, verifyEd25519)
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause
    if (isGiven) throw new UsageError(`The key cannot be used: ${cause.message}`, { cause })
    say('contradiction', `The log's key in the file is none: ${cause.message}`)
    return undefined
  }
}

/** That the records are those that the incident refers to, and are about the same version. */
function checkReferences({ incident, records: listed }: IncidentBundle, records: Records, say: Say): void {
  const { evidence: { recorded }, acknowledged, subject } = incident
  const referred = new Set<number>()
  if (recorded && 'index' in recorded) {
    referred.add(recorded.index)
    const text = listed.find(({ index }) => index === recorded.index)?.text
    if (text !== recorded.text) say('contradiction', `What the evidence says is recorded at ${recorded.index} is not what the log has there.`)
    const record = records.get(recorded.index)
    if (record) {
      if (!isAbout(record, subject)) say('contradiction', `Record ${recorded.index} is not about ${subject}.`)
      else if (record.kind === 'version') say('verified', `The log has recorded ${record.integrity} for ${subject} at ${record.recorded} (record ${recorded.index}, evidence: ${record.evidence}).`)
    }
  }
  if (incident.record !== null && !referred.has(incident.record)) {
    referred.add(incident.record)
    checkOwnRecord(incident.record, incident, records, say)
  }
  if (acknowledged && acknowledged.record !== null) {
    referred.add(acknowledged.record)
    const record = records.get(acknowledged.record)
    const isRight = record?.kind === 'acknowledged' && record.incident === incident.digest && isAbout(record, subject)
    if (isRight) say('verified', `The log has recorded at ${record.recorded} that an operator acknowledged this incident (record ${acknowledged.record}).`)
    else say('contradiction', `Record ${acknowledged.record} is no acknowledgement of this incident.`)
  }
  for (const [index, { kind }] of records) {
    if (!referred.has(index) && kind !== 'keys') say('contradiction', `Record ${index} has nothing to do with this incident.`)
  }
}

function checkOwnRecord(index: number, incident: IncidentBundle['incident'], records: Records, say: Say): void {
  const record = records.get(index)
  if (!record || !isAbout(record, incident.subject)) return say('contradiction', `Record ${index} is not about this incident.`)
  if (record.kind !== 'conflict') return say('verified', `The log has a record of it: ${record.kind}, at ${record.recorded} (record ${index}).`)
  const { evidence: { claimed }, source } = incident
  const isSame = record.source === source && record.other === claimed?.sha512
  if (isSame) say('verified', `The log has recorded at ${record.recorded} that ${source} gave ${record.other} (record ${index}).`)
  else say('contradiction', `The conflict of record ${index} is another one.`)
}

/** That what is said to differ does. */
function checkDigests({ incident }: IncidentBundle, records: Records, say: Say): void {
  if (incident.kind !== 'conflict') return
  const { evidence: { recorded, claimed } } = incident
  const standing = recorded && ('index' in recorded ? versionOf(records.get(recorded.index))?.integrity : recorded.pinned.integrity)
  if (standing === undefined || claimed?.sha512 === undefined) return say('contradiction', 'A conflict has two digests; this file does not have both.')
  if (standing === claimed.sha512) return say('contradiction', 'The digest that was given is the one that stands: that is no conflict.')
  const own = incident.record === null ? undefined : records.get(incident.record)
  if (own?.kind === 'conflict' && own.integrity !== standing) return say('contradiction', 'The record of the conflict names another standing digest.')
  say('verified', `The two digests differ: ${standing} stands, ${claimed.sha512} was given.`)
}

/** Who signed what. Two signatures that are good, over two digests of one version, prove that a key was misused. */
function checkSignatures({ incident }: IncidentBundle, records: Records, say: Say): void {
  const { evidence: { recorded, claimed, keys = [] }, subject, kind } = incident
  const standing = recorded && 'index' in recorded ? versionOf(records.get(recorded.index)) : undefined
  const given = claimed?.signatures ?? []
  if (subject === null || (!standing?.signature && given.length === 0)) return
  if (keys.length === 0) return say('unproven', 'The file has no keys of the registry, so who signed the digests is not proven.')
  sayWhoseKeys(keys, records, say)
  const subjectOf = (integrity: string) => signedText(subject, integrity)

  let stands: string | undefined
  if (standing?.signature) {
    const { keyid } = standing.signature
    const result = judge(standing.signature, keys, [subjectOf(standing.integrity)])
    if (result === 'good') stands = keyid
    if (result === 'good') say('verified', `Key ${keyid} signed the digest that stands.`)
    else if (result === 'unknown') say('unproven', `Who signed the digest that stands is not proven: the file does not have key ${keyid}.`)
    else say('contradiction', `Key ${keyid} did not sign the digest that stands, although the log says so.`)
  }
  // A signature of the digest that stands, beside another digest, is none of that one.
  const isOther = (digest: string | undefined) => digest !== undefined && (kind !== 'conflict' || digest !== standing?.integrity)
  const texts = [claimed?.sha512, claimed?.integrity].filter(isOther).map(digest => subjectOf(digest!))
  const signers = new Set<string>()
  for (const one of given) {
    const result = judge(one, keys, texts)
    if (result === 'good') signers.add(one.keyid)
    if (result === 'good') say(kind === 'invalid-signature' ? 'contradiction' : 'verified', `Key ${one.keyid} signed the digest that was given.`)
    else if (result === 'unknown') say('unproven', `Who signed the digest that was given is not proven: the file does not have key ${one.keyid}.`)
    else say(kind === 'invalid-signature' ? 'verified' : 'unproven', `Key ${one.keyid} did not sign the digest that was given: its signature is wrong.`)
  }
  if (kind === 'conflict' && stands !== undefined && signers.size > 0) {
    say('verified', `The registry's keys signed two digests for one version (${[...new Set([stands, ...signers])].join(', ')}): they were misused.`)
  }
}

function sayWhoseKeys(keys: readonly RegistryKey[], records: Records, say: Say): void {
  for (const [index, record] of records) {
    if (record.kind !== 'keys') continue
    const isThere = keys.every(({ keyid, key }) => record.keys.some(one => one.keyid === keyid && one.key === key))
    if (isThere) return say('verified', `The log has recorded at ${record.recorded} that ${record.namespace} publishes these keys (record ${index}).`)
    say('contradiction', `The keys of record ${index} are not those of this file.`)
  }
  say('unproven', 'That the keys are the registry\'s is not proven: compare them with what the registry publishes.')
}

function judge(
  { keyid, signature }: { keyid: string, signature: string }, keys: readonly RegistryKey[], texts: readonly string[],
): 'good' | 'bad' | 'unknown' {
  const known = keys.filter(key => key.keyid === keyid).flatMap(({ key }) => {
    try {
      return [createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })]
    } catch {
      // What is no key verifies nothing.
      return []
    }
  })
  if (known.length === 0) return 'unknown'
  const bytes = Buffer.from(signature, 'base64')
  return known.some(key => texts.some(text => verify('sha256', Buffer.from(text), { key, dsaEncoding: 'der' }, bytes))) ? 'good' : 'bad'
}

/** SPEC: npm's registry signatures: `${package.name}@${package.version}:${package.dist.integrity}`. */
function signedText(subject: string, integrity: string): string {
  const parsed = parsePurl(subject)
  return `${parsed.name}@${'version' in parsed ? parsed.version : ''}:${integrity}`
}

/** That the bytes, if they are there, are what was given. */
function checkBytes({ bytes, incident }: IncidentBundle, say: Say): void {
  const claimed = incident.evidence.claimed?.sha512
  if (!bytes) return claimed === undefined ? undefined : say('contradiction', 'The file does not say which bytes were given.')
  if (bytes.sha512 !== claimed) return say('contradiction', 'The bytes are not those that the incident is about.')
  if (bytes.base64 === null) return say('unproven', 'The bytes that were given are not in the file, only their digest.')
  const content = decoded(bytes.base64)
  const digest = content && `sha512-${createHash('sha512').update(content).digest('base64')}`
  if (digest !== bytes.sha512 || content?.length !== bytes.size) return say('contradiction', 'The bytes in the file do not have the digest and size that it says.')
  say('verified', `The ${content.length} bytes in the file have the digest that was given.`)
}

function decoded(base64: string): Uint8Array | undefined {
  try {
    return decodeBase64(base64)
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    return undefined
  }
}

function isPurl(text: string): boolean {
  try {
    parsePurl(text)
    return true
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    return false
  }
}

function versionOf(record: LogRecord | undefined): VersionRecord | undefined {
  return record?.kind === 'version' ? record : undefined
}

/** Whether a record is about a subject: the same version, or its package. */
function isAbout(record: LogRecord, subject: string | null): boolean {
  if (subject === null || !('subject' in record)) return false
  const purl = formatPurl(record.subject)
  if (purl === subject) return true
  const { name, namespace } = parsePurl(subject)
  return purl === formatPurl(namespace === undefined ? { name } : { name, namespace })
}
