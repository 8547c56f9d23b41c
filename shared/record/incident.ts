import { sha256 } from '@noble/hashes/sha2.js'
import canonicalize from 'canonicalize'
import { encodeBase64 } from '../tlog/base64.ts'

/** What an incident's digest is over: who broke which rule, and what proves it. */
interface Digested {
  kind: string
  cause: string
  /** Package URL; null where it is about a registry. */
  subject: string | null
  source: string
  evidence: object
}

/**
 * Digest of an incident, by which the log names it: SHA-256 over the RFC 8785 JSON of these five members, and no others.
 * @returns `sha256-` and base64
 * @throws Error for what RFC 8785 cannot write: a lone surrogate, a number that is not finite
 */
export function incidentDigest({ kind, cause, subject, source, evidence }: Digested): string {
  return canonicalDigest({ kind, cause, subject, source, evidence })
}

/** @returns `sha256-` and base64 of SHA-256 over a value's RFC 8785 JSON */
export function canonicalDigest(value: object): string {
  return `sha256-${encodeBase64(sha256(new TextEncoder().encode(canonicalize(value))))}`
}
