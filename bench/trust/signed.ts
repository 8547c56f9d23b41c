import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { SHAPES, packumentOf, versionList, type Packument } from '../common/upstream/documents.ts'
import { randomFrom } from '../common/random.ts'

/** A registry's key, as it serves it, and what it signs with. */
export interface Key {
  served: { keyid: string, keytype: string, scheme: string, key: string, expires: null }
  privateKey: KeyObject
}

export function createKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const der = publicKey.export({ type: 'spki', format: 'der' })
  const keyid = `SHA256:${createHash('sha256').update(der).digest('base64')}`
  return {
    privateKey,
    served: { keyid, keytype: 'ecdsa-sha2-nistp256', scheme: 'ecdsa-sha2-nistp256', key: der.toString('base64'), expires: null },
  }
}

/** A document of so many versions, each of them signed. @param origin registry URL with a trailing slash */
export function signedPackument(name: string, versions: number, origin: string, { privateKey, served }: Key): Packument {
  const { keyid } = served
  const list = versionList(randomFrom(`${name} versions`), versions)
  const document = packumentOf(name, origin, SHAPES['bench-medium'], { versions: list })
  for (const { version, dist } of Object.values(document.versions)) {
    const sig = sign('sha256', Buffer.from(`${name}@${version}:${dist.integrity}`), privateKey).toString('base64')
    dist.signatures = [{ keyid, sig }]
  }
  return document
}
