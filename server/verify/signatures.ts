import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { formatPurl, isBase64, signedMessage, type RegistrySignature } from '../../shared/record/index.ts'
import type { CryptoPool } from '../crypto-pool.ts'
import { RegistryError } from '../errors.ts'
import type { IncidentReport, Incidents } from '../incidents/index.ts'
import { isExpired, type AuthorityKeys, type Keyring, type SigningKey } from '../registry/index.ts'
import { RETRY_LATER, RETRY_SOON } from './judge.ts'
import { expired, invalid, keysGone, keysUnasked, missing, unknownKey, type About } from './signature-sentences.ts'
import type { Look, Refusal, Signatures, Signed } from './types.ts'

interface SignaturesOptions {
  keyring: Pick<Keyring, 'of'>
  pool: CryptoPool
  incidents: Pick<Incidents, 'report'>
  trouble(what: string, error: unknown, name: string): void
  /** Milliseconds since the epoch. */
  now?: () => number
}

type Keys = Extract<AuthorityKeys, { state: 'known' }>

/** What is wrong with a version's signatures. */
interface Fault {
  why: RegistryError
  retryIn: number
  /** The key under which one does not verify: that is an incident. */
  key?: SigningKey
}

/** Versions of one package in work at a time: enough to keep the thread pool busy, and little memory. */
const AT_ONCE = 128
/** A registry that has no keys any more is asked again so often (ms). */
const RETRY_VANISHED = 60_000
/** Packages whose incidents were reported lately, and how many of each: who signs badly must not fill the database. */
const MAX_PACKAGES = 10_000
const MOST_PER_PACKAGE = 100

/**
 * Checks versions against the keys of their registry. Whoever publishes keys signs everything, and each signature of a version
 * has to verify, as npm's clients want it too.
 */
export function createSignatures({ keyring, pool, incidents, trouble, now = Date.now }: SignaturesOptions): Signatures {
  const reported = new LRUCache<string, Set<string>>({ max: MAX_PACKAGES })

  async function report({ subject }: Look, found: readonly IncidentReport[]) {
    const about = formatPurl(subject)
    const known = reported.get(about) ?? new Set<string>()
    const fresh = found.filter(({ cause }) => !known.has(cause)).slice(0, MOST_PER_PACKAGE - known.size)
    if (fresh.length === 0) return
    try {
      await incidents.report(fresh)
      reported.set(about, new Set([...known, ...fresh.map(({ cause }) => cause)]))
    } catch (error) {
      // The versions are refused all the same; who looks again reports again.
      trouble('reporting invalid signatures', error, subject.name)
    }
  }

  /** Over what a signature of a version is: its sha512, or what its registry gives in place of one. Undefined: over neither. */
  async function messageOf(
    { signature }: RegistrySignature, { object }: SigningKey, messages: readonly string[],
  ): Promise<string | undefined> {
    if (!isBase64(signature)) return undefined
    const bytes = Buffer.from(signature, 'base64')
    for (const message of messages) {
      if (await pool.verify(message, bytes, object)) return message
    }
    return undefined
  }

  /** The signature that proves the version's digest; `unsigned`: what it proves is the registry's other claim. */
  async function checkVersion(
    look: Look, version: string, integrity: string, keys: Keys,
  ): Promise<RegistrySignature | 'unsigned' | Fault> {
    const { name, summary, upstream: { registry } } = look
    const claimed = summary.versions.get(version)!
    const about: About = { what: `${name}@${version}`, registry, published: claimed.published }
    if (claimed.signatures.length === 0) return refuse(missing(about))
    const proper = signedMessage(name, version, integrity)
    const messages = claimed.isPlain ? [proper] : [proper, signedMessage(name, version, claimed.claim ?? claimed.integrity)]
    let proof: RegistrySignature | undefined
    for (const signature of claimed.signatures) {
      const key = keys.byId.get(signature.keyid)
      if (!key && !keys.isConfirmed) return { why: keysUnasked(about, signature), retryIn: RETRY_SOON }
      if (!key) return refuse(unknownKey(about, signature))
      if (isExpired(key, claimed.published, now())) return refuse(expired(about, key))
      const over = await messageOf(signature, key, messages)
      if (over === undefined) return { ...refuse(invalid(about, key)), key }
      if (over === proper) proof ??= signature
    }
    return proof ?? 'unsigned'
  }

  return {
    async check(look, digests) {
      const { summary, upstream: { registry } } = look
      const signatures = [...digests.keys()].flatMap(version => summary.versions.get(version)!.signatures)
      const wanted = new Set(signatures.map(({ keyid }) => keyid))
      const all = (signed: Signed) => new Map([...digests.keys()].map(version => [version, signed]))
      const keys = await keyring.of(registry, wanted).catch(asRefusal)
      if ('why' in keys) return all(keys)
      if (keys.state === 'none') return all('unsigned')
      if (keys.state === 'vanished') return all({ why: keysGone(look.name, registry), retryIn: RETRY_VANISHED })

      const signed = new Map<string, Signed>()
      const found: IncidentReport[] = []
      const queue = digests.entries()
      const work = async () => {
        for (const [version, integrity] of queue) {
          const result = await checkVersion(look, version, integrity, keys)
          signed.set(version, result)
          if (typeof result === 'object' && 'why' in result && result.key) found.push(incidentOf(look, version, integrity, result, now()))
        }
      }
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, digests.size) }, work))
      await report(look, found)
      return signed
    },
  }
}

function refuse(why: RegistryError): Fault {
  return { why, retryIn: RETRY_LATER }
}

/** @throws what is no refusal of ours */
function asRefusal(error: unknown): Refusal {
  if (!(error instanceof RegistryError)) throw error
  return { why: error, retryIn: RETRY_SOON }
}

function incidentOf(
  look: Look, version: string, sha512: string, { why, key }: Fault, now: number,
): IncidentReport {
  const { name, subject, isPrivate, summary, upstream: { registry } } = look
  const { integrity, claim = integrity, manifest, published, tarball, signatures } = summary.versions.get(version)!
  const purl = formatPurl({ ...subject, version })
  const seen = createHash('sha256').update(JSON.stringify([sha512, signatures])).digest('base64url').slice(0, 16)
  return {
    kind: 'invalid-signature', cause: `invalid-signature ${purl} ${seen} ${registry.id}`, subject: purl, source: registry.id, isPrivate,
    sentence: why.message,
    evidence: {
      claimed: { integrity: claim, sha512, manifest, published, tarball, signatures },
      keys: key && [{ keyid: key.keyid, key: key.key, ...(key.expires !== undefined && { expires: key.expires }) }],
      details: { message: signedMessage(name, version, claim) },
      asked: { source: registry.id, registry: registry.url, at: new Date(now).toISOString() },
    },
  }
}
