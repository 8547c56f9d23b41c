import { decodeBase64, encodeBase64 } from '../tlog/index.ts'
import { isSha512Integrity } from '../record/index.ts'
import type { Meaning, SearchHint } from './types.ts'

const HEX = /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i
const OTHER_SRI = /^(?:md5|sha1|sha224|sha256|sha384)[-:]/
const KEY_ID = /^SHA256:[A-Za-z0-9+/]{43}=?$/
/** 32 or 64 bytes in base64, also as URLs have it, also without padding. */
const BASE64 = /^(?:[\w+/-]{43}=?|[\w+/-]{86}(?:==)?)$/

interface Found {
  meanings: Meaning[]
  hint?: SearchHint
}

/** What a text is as a digest, a hash or the id of a key; undefined: it looks like none. */
export function detectDigest(text: string): Found | undefined {
  // Several digests of the same bytes, as SRI allows: ours is the one that counts.
  const sha512 = text.split(' ').map(one => one.replace(/^sha512:/, 'sha512-')).find(one => one.startsWith('sha512-'))
  if (sha512) return integrityOf(sha512.slice('sha512-'.length))
  if (OTHER_SRI.test(text)) return { meanings: [], hint: 'other-digest' }
  // A key's id is as long as a hash, and some people leave its beginning out.
  if (KEY_ID.test(text)) return { meanings: [{ kind: 'key', keyid: text }] }
  if (HEX.test(text)) return ofBytes(fromHex(text))
  if (!BASE64.test(text)) return undefined
  const bytes = fromBase64(text)
  return bytes && ofBytes(bytes, text.length === 43 ? text : undefined)
}

function ofBytes(bytes: Uint8Array, keyid?: string): Found {
  if (bytes.length === 64) return { meanings: [{ kind: 'integrity', integrity: `sha512-${encodeBase64(bytes)}` }] }
  if (bytes.length !== 32) return { meanings: [], hint: 'other-digest' }
  return {
    meanings: [
      { kind: 'hash', hash: encodeBase64(bytes) },
      ...(keyid === undefined ? [] : [{ kind: 'key', keyid: `SHA256:${keyid}` } as const]),
    ],
  }
}

function integrityOf(digest: string): Found {
  const bytes = HEX.test(digest) ? fromHex(digest) : fromBase64(digest)
  const integrity = bytes && `sha512-${encodeBase64(bytes)}`
  return integrity && isSha512Integrity(integrity)
    ? { meanings: [{ kind: 'integrity', integrity }] }
    : { meanings: [], hint: 'other-digest' }
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g)!, byte => Number.parseInt(byte, 16))
}

function fromBase64(text: string): Uint8Array | undefined {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
  try {
    return decodeBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='))
  } catch {
    // Padding bits that are set: nobody writes such a digest.
    return undefined
  }
}
