import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, it } from 'vitest'
import { verifySignature } from '../../../app/verification/signature.ts'

it('remembers what holds, and nothing else', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
  const message = Buffer.from('a checkpoint')
  const signature = sign(null, message, privateKey)
  const other = Buffer.from(signature)
  other[0]! ^= 1
  for (let time = 0; time < 2; time++) {
    expect(verifySignature(key, message, signature)).toBe(true)
    expect(verifySignature(key, Buffer.from('another one'), signature)).toBe(false)
    expect(verifySignature(key, message, other)).toBe(false)
    expect(verifySignature(key.map(byte => byte ^ 1), message, signature)).toBe(false)
  }
})
