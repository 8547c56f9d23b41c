import { sha512 } from '@noble/hashes/sha2.js'
import { canonicalDigest, formatPurl, incidentDigest, parsePurl, parseRecord, RecordError, type LogRecord } from '../record/index.ts'
import {
  createVerifier, decodeBase64, encodeBase64, parseTlogProof, TlogError, verifyEd25519, verifyTlogProof, type NoteVerifier,
} from '../tlog/index.ts'
import type { IncidentBundle } from '../types/incidents.ts'
import { BundleError } from './errors.ts'
import { versionOf, type Finding, type Records, type Say } from './findings.ts'
import { readBundle } from './read.ts'
import { checkSignatures } from './signatures.ts'

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

/**
 * Checks an incident's file without asking anybody, and without believing who made it: what the log signed, what the registry
 * signed, and whether all of it is about the same.
 * @throws BundleError for what is no such file
 */
export async function checkBundle(bytes: Uint8Array, trust: Trust): Promise<BundleReport> {
  const { bundle, canonical, source } = readBundle(bytes)
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
  await checkSignatures(bundle, records, say)
  checkBytes(bundle, say)
  return report
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
    if (isGiven) throw new BundleError(`The key cannot be used: ${cause.message}`, { cause })
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

/** That the bytes, if they are there, are what was given. */
function checkBytes({ bytes, incident }: IncidentBundle, say: Say): void {
  const claimed = incident.evidence.claimed?.sha512
  if (!bytes) return claimed === undefined ? undefined : say('contradiction', 'The file does not say which bytes were given.')
  if (bytes.sha512 !== claimed) return say('contradiction', 'The bytes are not those that the incident is about.')
  if (bytes.base64 === null) return say('unproven', 'The bytes that were given are not in the file, only their digest.')
  const content = decoded(bytes.base64)
  const digest = content && `sha512-${encodeBase64(sha512(content))}`
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

/** Whether a record is about a subject: the same version, or its package. */
function isAbout(record: LogRecord, subject: string | null): boolean {
  if (subject === null || !('subject' in record)) return false
  const purl = formatPurl(record.subject)
  if (purl === subject) return true
  const { name, namespace } = parsePurl(subject)
  return purl === formatPurl(namespace === undefined ? { name } : { name, namespace })
}
