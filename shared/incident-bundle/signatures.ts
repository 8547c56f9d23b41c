import { parsePurl, signedMessage, type RegistryKey } from '../record/index.ts'
import type { IncidentBundle } from '../types/incidents.ts'
import { verifyEcdsa } from './ecdsa.ts'
import { versionOf, type Records, type Say } from './findings.ts'

const UNCHECKED = 'cannot be checked here: browsers check such signatures on https and localhost only.'

/** Who signed what. Two signatures that are good, over two digests of one version, prove that a key was misused. */
export async function checkSignatures({ incident }: IncidentBundle, records: Records, say: Say): Promise<void> {
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
    const result = await judge(standing.signature, keys, [subjectOf(standing.integrity)])
    if (result === 'good') stands = keyid
    if (result === 'good') say('verified', `Key ${keyid} signed the digest that stands.`)
    else if (result === 'unchecked') say('unproven', `Whether key ${keyid} signed the digest that stands ${UNCHECKED}`)
    else if (result === 'unknown') say('unproven', `Who signed the digest that stands is not proven: the file does not have key ${keyid}.`)
    else say('contradiction', `Key ${keyid} did not sign the digest that stands, although the log says so.`)
  }
  // A signature of the digest that stands, beside another digest, is none of that one.
  const isOther = (digest: string | undefined) => digest !== undefined && (kind !== 'conflict' || digest !== standing?.integrity)
  const texts = [claimed?.sha512, claimed?.integrity].filter(isOther).map(digest => subjectOf(digest!))
  const signers = new Set<string>()
  for (const one of given) {
    const result = await judge(one, keys, texts)
    if (result === 'good') signers.add(one.keyid)
    if (result === 'good') say(kind === 'invalid-signature' ? 'contradiction' : 'verified', `Key ${one.keyid} signed the digest that was given.`)
    else if (result === 'unchecked') say('unproven', `Whether key ${one.keyid} signed the digest that was given ${UNCHECKED}`)
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

type Judgement = 'good' | 'bad' | 'unknown' | 'unchecked'

async function judge(
  { keyid, signature }: { keyid: string, signature: string }, keys: readonly RegistryKey[], texts: readonly string[],
): Promise<Judgement> {
  let result: Judgement = 'unknown'
  for (const { key } of keys.filter(key => key.keyid === keyid)) {
    for (const text of texts) {
      const isGood = await verifyEcdsa(key, text, signature)
      if (isGood) return 'good'
      if (isGood === undefined) return 'unchecked'
    }
    result = 'bad'
  }
  return result
}

function signedText(subject: string, integrity: string): string {
  const parsed = parsePurl(subject)
  return signedMessage(parsed.name, 'version' in parsed ? parsed.version : '', integrity)
}
