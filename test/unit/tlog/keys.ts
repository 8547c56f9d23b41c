import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { TlogError } from '../../../shared/tlog/errors.ts'
import type { NoteSigner } from '../../../shared/tlog/note.ts'
import { formatVkey, keyIdOf, TYPE_ED25519, type Ed25519Verify } from '../../../shared/tlog/vkey.ts'

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

/** OpenSSL's Ed25519, as the server uses it. */
export const nodeVerify: Ed25519Verify = (publicKey, message, signature) =>
  verify(null, message, createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' }), signature)

export function keyOfSeed(seed: Uint8Array): { publicKey: Uint8Array, sign: (message: Uint8Array) => Uint8Array } {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32))
  return { publicKey, sign: message => new Uint8Array(sign(null, message, key)) }
}

export function signerOf(name: string, seed: Uint8Array): NoteSigner & { vkey: string } {
  const { publicKey, sign } = keyOfSeed(seed)
  return { name, keyId: keyIdOf(name, TYPE_ED25519, publicKey), sign, vkey: formatVkey(name, TYPE_ED25519, publicKey) }
}

/** Text that may stand in a note, newlines included. */
export const plainText = fc.string({ unit: 'binary', maxLength: 60 })
  .map(text => [...text.toWellFormed()].filter(char => char >= ' ' || char === '\n').join(''))

export const keyName = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .map(text => text.toWellFormed().replaceAll(/[\p{White_Space}+]/gu, '-'))
  .map(text => [...text].map(char => char < ' ' ? '_' : char).join(''))

export const seed = fc.uint8Array({ minLength: 32, maxLength: 32 })

/** Arbitrary text, and text made of the pieces that the log's formats are made of: it gets further into a parser. */
export const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.oneof(
    fc.constantFrom(
      '\n', '\n\n', '— ', ' ', '+', '0', '1', '00', '-1', '9007199254740992', 'PRIVATE+KEY+', 'c2sp.org/tlog-proof@v1\n', 'index ',
      'extra ', 'go.sum database tree\n', 'AAAA', 'AA==', 'A'.repeat(43), '=', 'sum.example', '8ea6af86', '\uD800', '\r', '\u0000', 'tile/8/',
      'data/', '000', 'x001/', '.p/', '255',
    ),
    fc.string({ maxLength: 4 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => Buffer.from(bytes).toString('base64')),
  ), { maxLength: 20 }).map(parts => parts.join('')),
)

/** How the core refuses, or 'accepted'. Every other error is a fault and goes on. */
export function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof TlogError) return error.code
    throw error
  }
  return 'accepted'
}
