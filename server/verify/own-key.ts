import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import type { RegistryKey } from '../../shared/record/index.ts'
import { readSignerKey, writeSignerKey } from '../log/index.ts'

/** The key with which this server signs versions whose registry does not. */
export interface OwnKey {
  /** What clients verify with. */
  published: RegistryKey
  privateKey: KeyObject
}

/**
 * The key in `registry.key` in the data directory, which is made if it is missing.
 * @param configured PKCS #8 in PEM, where the key does not live in the data directory
 * @throws Error for a file that holds no such key
 */
export async function openOwnKey(dataDir: string, configured?: string): Promise<OwnKey> {
  const file = join(dataDir, 'registry.key')
  const pem = configured ?? await readSignerKey(file) ?? await writeSignerKey(file, generate())
  try {
    return ownKeyOf(pem)
  } catch (cause) {
    // The message of the cause may show a part of the key.
    throw new Error(`${configured === undefined ? file : 'NUXT_REGISTRY_SIGNER_KEY'} does not hold a private key on P-256 (PKCS #8 in PEM), or a damaged one. Restore it.`, { cause })
  }
}

function ownKeyOf(pem: string): OwnKey {
  const privateKey = createPrivateKey(pem)
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new TypeError('not a key on P-256')
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const fingerprint = createHash('sha256').update(spki).digest('base64').replace(/=+$/, '')
  return { privateKey, published: { keyid: `SHA256:${fingerprint}`, key: spki.toString('base64') } }
}

function generate(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' })).trim()
}
