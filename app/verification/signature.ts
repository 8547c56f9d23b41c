import { encodeBase64, verifyEd25519, type Ed25519Verify } from '../../shared/tlog/index.ts'

/** Signatures that are kept in mind. */
const MOST = 64
const held = new Set<string>()

/**
 * `verifyEd25519`, which keeps a browser busy for longer than a frame, once for each signature: several steps of a verification
 * look at the same checkpoint. What does not hold is not remembered.
 */
export const verifySignature: Ed25519Verify = (publicKey, message, signature) => {
  const id = [publicKey, message, signature].map(bytes => encodeBase64(bytes)).join(' ')
  if (held.has(id)) return true
  const holds = verifyEd25519(publicKey, message, signature)
  if (!holds) return false
  if (held.size >= MOST) held.clear()
  held.add(id)
  return true
}
