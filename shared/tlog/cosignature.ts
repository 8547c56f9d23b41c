import { TlogError } from './errors.ts'
import { formatDecimal } from './fields.ts'
import { isCount } from './merkle.ts'
import type { NoteVerifier } from './note.ts'
import { parseVkey, TYPE_COSIGNATURE_V1, wrongType, type Ed25519Verify } from './vkey.ts'

/**
 * Witness cosignatures as `c2sp.org/tlog-cosignature` describes them (Ed25519, `cosignature/v1`): "at this time, the largest tree
 * that I have seen of this log, consistent with all before, is this one".
 */
export interface Cosignature {
  /** POSIX time in seconds. */
  timestamp: number
  /** 64 bytes, Ed25519. */
  signature: Uint8Array
}

const encoder = new TextEncoder()

/**
 * What a witness signs.
 *
 * @param checkpoint the checkpoint's text, up to and with its last newline, without signatures
 * @param timestamp POSIX time in seconds
 */
export function cosignatureMessage(checkpoint: string, timestamp: number): Uint8Array {
  return messageOf(encoder.encode(checkpoint), timestamp)
}

/** The signature of a witness's note line, key id excepted: 72 bytes. */
export function formatCosignature({ timestamp, signature }: Cosignature): Uint8Array {
  if (!isCount(timestamp)) throw malformed(`${timestamp} is not a time in whole seconds`)
  if (signature.length !== 64) throw malformed(`its signature has ${signature.length} bytes instead of 64`)
  // SPEC: tlog-cosignature: these are serialized in sequence, with the timestamp encoded in big-endian order.
  const payload = new Uint8Array(72)
  new DataView(payload.buffer).setBigUint64(0, BigInt(timestamp))
  payload.set(signature, 8)
  return payload
}

/**
 * Reads what `formatCosignature` writes.
 *
 * @throws TlogError `MALFORMED`, also for a time above 2^53-1 (the year 285 million)
 */
export function parseCosignature(payload: Uint8Array): Cosignature {
  if (payload.length !== 72) throw malformed(`it has ${payload.length} bytes instead of 72`)
  // SPEC: tlog-cosignature: It [timestamp] MUST NOT exceed 2^63 - 1, and verifiers MAY reject cosignatures with timestamps in
  // the future.
  const timestamp = Number(new DataView(payload.buffer, payload.byteOffset).getBigUint64(0))
  if (!isCount(timestamp)) throw malformed('its time is above 2^53-1')
  return { timestamp, signature: payload.slice(8) }
}

/**
 * A verifier of one witness's lines. The time they carry is verified, but not judged: read it with `parseCosignature`.
 *
 * @param vkey of type 0x04
 * @throws TlogError `MALFORMED` for what is no vkey, or one of another type
 */
export function createCosignatureVerifier(vkey: string, verify: Ed25519Verify): NoteVerifier {
  const { name, keyId, type, publicKey } = parseVkey(vkey)
  if (type !== TYPE_COSIGNATURE_V1) throw wrongType(vkey, type, TYPE_COSIGNATURE_V1)
  return {
    name,
    keyId,
    verify(message, payload) {
      let cosignature: Cosignature
      try {
        cosignature = parseCosignature(payload)
      } catch (error) {
        if (error instanceof TlogError) return false
        throw error
      }
      return verify(publicKey, messageOf(message, cosignature.timestamp), cosignature.signature)
    },
  }
}

// SPEC: tlog-cosignature: The signed message MUST be two newline (U+000A) terminated lines (one header line and one timestamp
// line) followed by the whole note body of the cosigned checkpoint [...]. The header line MUST be the fixed string
// `cosignature/v1` [...]. The timestamp line MUST consist of the string `time`, a single space (0x20), and
// `timestamped_signature.timestamp` encoded as an ASCII decimal with no leading zeroes.
function messageOf(checkpoint: Uint8Array, timestamp: number): Uint8Array {
  const header = encoder.encode(`cosignature/v1\ntime ${formatDecimal(timestamp)}\n`)
  const message = new Uint8Array(header.length + checkpoint.length)
  message.set(header)
  message.set(checkpoint, header.length)
  return message
}

function malformed(reason: string): TlogError {
  return new TlogError('MALFORMED', `A witness's cosignature is malformed: ${reason}.`)
}
