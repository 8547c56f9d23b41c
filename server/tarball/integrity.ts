import ssri from 'ssri'
import { RegistryError } from '../errors.ts'

/** Bytes of a digest, strongest algorithm first. */
const LENGTHS = { sha512: 64, sha384: 48, sha256: 32, sha1: 20 } as const

type Algorithm = keyof typeof LENGTHS

/** A sha512 in canonical base64 and nothing else, as nearly all versions have it: the last character has four bits to spare. */
const PLAIN_SHA512 = /^sha512-([A-Za-z0-9+/]{85}[AQgw]==)$/

/** One digest in Subresource Integrity's notation. */
export interface Integrity {
  algorithm: Algorithm
  /** Base64 in its one canonical form. */
  digest: string
  /** `sha512-…`: safe as a key, because two spellings of a digest give the same text. */
  text: string
}

/**
 * Reads a `dist.integrity` value: the strongest digest in it that we know.
 *
 * Two different digests of the strongest algorithm would let a source choose between two contents, and a
 * version has one, so that is refused like a value without any digest.
 * @throws {RegistryError} `UPSTREAM_INVALID`
 */
export function parseIntegrity(text: string): Integrity {
  const plain = PLAIN_SHA512.exec(text)?.[1]
  if (plain !== undefined) return { algorithm: 'sha512', digest: plain, text }
  const parsed = ssri.parse(text)
  for (const algorithm of Object.keys(LENGTHS) as Algorithm[]) {
    const hashes = parsed?.[algorithm]
    if (!hashes) continue
    const digests = new Set(hashes.map(hash => hash.digest))
    const [digest] = digests
    if (digests.size === 1 && digest !== undefined && isCanonical(digest, LENGTHS[algorithm])) {
      return { algorithm, digest, text: `${algorithm}-${digest}` }
    }
    break
  }
  throw new RegistryError(
    'UPSTREAM_INVALID',
    `The integrity ${JSON.stringify(text.slice(0, 200))} is not one sha512, sha384, sha256 or sha1 digest in base64; `
    + 'report it to the registry that published it.',
  )
}

/**
 * The integrity of a version that has only a `dist.shasum`: forty hexadecimal digits of SHA-1.
 * @throws {RegistryError} `UPSTREAM_INVALID`
 */
export function integrityOfShasum(shasum: string): string {
  if (!/^[0-9a-f]{40}$/i.test(shasum)) {
    throw new RegistryError(
      'UPSTREAM_INVALID',
      `The shasum ${JSON.stringify(shasum.slice(0, 80))} is not a SHA-1 digest in hexadecimal; report it to the registry that published it.`,
    )
  }
  return `sha1-${Buffer.from(shasum, 'hex').toString('base64')}`
}

function isCanonical(digest: string, length: number): boolean {
  const bytes = Buffer.from(digest, 'base64')
  return bytes.length === length && bytes.toString('base64') === digest
}
