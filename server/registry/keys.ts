import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import * as v from 'valibot'
import type { RegistryConfig } from '../config/types.ts'
import type { RegistrySignature, VersionSubject } from '../../shared/record/index.ts'
import { RegistryError } from '../errors.ts'
import { createSingleFlight } from '../single-flight.ts'
import { readBody } from './body.ts'
import { label, type Upstream } from './request.ts'

/** A version's digest with its registry's signature, as anybody may claim it. */
export interface SignedVersion {
  subject: VersionSubject
  /** The one sha512 of the tarball. */
  integrity: string
  signature: RegistrySignature
  /** ISO 8601; what an expired key is compared with. */
  published?: string
}

/** The keys with which registries sign what they publish. */
export interface Keyring {
  /**
   * Checks that the subject's own registry signed it.
   * @throws RegistryError `NOT_VERIFIED`; `UPSTREAM_…` if the registry's keys are not known and cannot be read
   */
  verify(signed: SignedVersion): Promise<void>
}

interface KeyringOptions {
  authorities: readonly RegistryConfig[]
  /** Namespace of the authority whose subjects carry none. */
  defaultNamespace: string
  upstream(registry: RegistryConfig): Upstream
  /** Whole budget (ms) of reading a registry's keys. */
  timeout: number
  now?: () => number
}

interface Key {
  key: KeyObject
  /** Milliseconds since the epoch. */
  expires?: number
}

interface Keys {
  byId: Map<string, Key>
  askedAt: number
  /** False: the registry had no keys to give, and these are from before, if there are any. */
  isConfirmed: boolean
}

/** Keys younger than this (ms) are not asked for again. */
const FRESH = 3_600_000
/** Where asking again may help, because a key is missing or the registry failed, it is done this often (ms). */
const RETRY = 60_000
/** Bytes. Registries list a handful of keys. */
const MAX_DOCUMENT = 256 * 1024
const MAX_KEYS = 100
/** How registries say that they have no keys. */
const NOT_OFFERED = new Set([404, 405, 410, 501])
const KEY_TYPE = 'ecdsa-sha2-nistp256'

const isoDate = v.pipe(v.string(), v.isoTimestamp())
const KeysDocument = v.object({
  keys: v.pipe(v.array(v.object({
    keyid: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
    keytype: v.string(),
    scheme: v.optional(v.string()),
    key: v.string(),
    expires: v.nullish(isoDate),
  })), v.maxLength(MAX_KEYS)),
})

export function createKeyring({ authorities, defaultNamespace, upstream, timeout, now = Date.now }: KeyringOptions): Keyring {
  const known = new Map<string, Keys>()
  const flights = createSingleFlight<Keys>()

  /** @param wanted a key id that may be younger than what is known */
  async function keysOf(registry: RegistryConfig, wanted: string): Promise<Keys> {
    const current = known.get(registry.id)
    const lifetime = current?.isConfirmed && current.byId.has(wanted) ? FRESH : RETRY
    if (current && now() - current.askedAt < lifetime) return current
    return flights.run(registry.id, async () => {
      const before = current?.byId ?? new Map<string, Key>()
      const byId = await readKeys(upstream(registry), timeout).catch((error: unknown) => {
        // A registry that cannot be asked did not take back what it signed.
        if (before.size === 0) throw error
        return new Map<string, Key>()
      })
      const isConfirmed = byId.size > 0
      const keys = { byId: isConfirmed ? byId : before, askedAt: now(), isConfirmed }
      known.set(registry.id, keys)
      return keys
    })
  }

  return {
    async verify({ subject, integrity, signature, published }) {
      const what = `${subject.name}@${subject.version}`
      const namespace = subject.namespace ?? defaultNamespace
      const registry = authorities.find(authority => authority.namespace === namespace)
      if (!registry) throw refused(`The keys of registry ${namespace} are not known here, so the signature of ${what} cannot be verified.`)
      const { byId } = await keysOf(registry, signature.keyid)
      if (byId.size === 0) {
        throw refused(`Registry ${label(registry)} publishes no signing keys, so the signature of ${what} cannot be verified.`)
      }
      const key = byId.get(signature.keyid)
      if (!key) throw refused(`The signature of ${what} is by key ${signature.keyid}, which ${label(registry)} does not have.`)
      if (key.expires !== undefined && key.expires <= (published === undefined ? now() : Date.parse(published))) {
        throw refused(`The signature of ${what} is by key ${signature.keyid}, which expired before the version was published.`)
      }
      // SPEC: npm's registry signatures: `${package.name}@${package.version}:${package.dist.integrity}`, DER in base64.
      const message = Buffer.from(`${subject.name}@${subject.version}:${integrity}`)
      if (!verify('sha256', message, { key: key.key, dsaEncoding: 'der' }, Buffer.from(signature.signature, 'base64'))) {
        throw refused(`The signature of ${what} with ${integrity} does not verify under key ${signature.keyid} of registry ${label(registry)}.`)
      }
    },
  }
}

/** Reads `-/npm/v1/keys`; keys of other kinds than we can verify with are left out, and a registry may have none. */
async function readKeys(upstream: Upstream, timeout: number): Promise<Map<string, Key>> {
  const { registry } = upstream
  const signal = AbortSignal.timeout(timeout)
  const headers = { 'accept': 'application/json', 'accept-encoding': 'gzip' }
  const response = await upstream.request({ url: '-/npm/v1/keys', headers, signal })
  const bytes = await readBody(response, registry, MAX_DOCUMENT, signal)
  if (NOT_OFFERED.has(response.status)) return new Map()
  if (response.status >= 500 || response.status === 429) {
    throw new RegistryError('UPSTREAM_UNAVAILABLE', `Registry ${label(registry)} answered its keys with status ${response.status}; try again in a moment.`, { retryAfter: 2 })
  }
  if (response.status !== 200) {
    throw new RegistryError('UPSTREAM_REFUSED', `Registry ${label(registry)} refused its keys (status ${response.status}).`)
  }
  return parseKeys(bytes, registry)
}

function parseKeys(bytes: Buffer, registry: RegistryConfig): Map<string, Key> {
  const byId = new Map<string, Key>()
  try {
    const document = v.parse(KeysDocument, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
    for (const { keyid, keytype, scheme, key: spki, expires } of document.keys) {
      if (keytype !== KEY_TYPE || (scheme !== undefined && scheme !== KEY_TYPE)) continue
      const key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' })
      if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new TypeError(`Key ${keyid} is not what its type says`)
      if (byId.has(keyid)) throw new TypeError(`Key ${keyid} is listed twice`)
      byId.set(keyid, { key, ...(expires != null && { expires: Date.parse(expires) }) })
    }
  } catch (cause) {
    throw new RegistryError('UPSTREAM_INVALID', `Registry ${label(registry)} answered its keys with something that is no list of keys.`, { cause })
  }
  return byId
}

function refused(sentence: string): RegistryError {
  return new RegistryError('NOT_VERIFIED', sentence)
}
