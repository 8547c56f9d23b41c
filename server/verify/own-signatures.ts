import { and, eq } from 'drizzle-orm'
import { formatPurl, signedMessage, type RegistrySignature } from '../../shared/record/index.ts'
import type { CryptoPool } from '../crypto-pool.ts'
import { tables, type Database } from '../database/index.ts'
import type { Keyring } from '../registry/index.ts'
import type { OwnKey } from './own-key.ts'
import type { OwnSignatures } from './types.ts'

const { ownSignatures } = tables

interface OwnSignaturesOptions {
  database: Pick<Database, 'orm'>
  keyring: Pick<Keyring, 'of'>
  key: OwnKey
  pool: CryptoPool
}

/** Rows of one statement: SQLite takes 32,766 parameters. */
const ROWS = 1_000
const NONE: ReadonlyMap<string, RegistrySignature> = new Map()

/**
 * Signs what is recorded, where its registry signs nothing: "this server verified it against its log". No two signatures of the
 * same are equal, so each is made once and kept; otherwise every restart would change every ETag.
 */
export function createOwnSignatures({ database: { orm }, keyring, key, pool }: OwnSignaturesOptions): OwnSignatures {
  const { published: { keyid }, privateKey } = key

  async function read(purl: string): Promise<Map<string, string>> {
    const rows = await orm.select({ version: ownSignatures.version, signature: ownSignatures.signature }).from(ownSignatures)
      .where(and(eq(ownSignatures.package, purl), eq(ownSignatures.keyid, keyid))).all()
    return new Map(rows.map(({ version, signature }) => [version, signature]))
  }

  /** @returns whether all of them are ours: another process may have signed some of them first */
  async function keep(purl: string, made: readonly { version: string, signature: string }[]): Promise<boolean> {
    let count = 0
    for (let start = 0; start < made.length; start += ROWS) {
      const rows = made.slice(start, start + ROWS).map(one => ({ package: purl, keyid, ...one }))
      const inserted = await orm.insert(ownSignatures).values(rows).onConflictDoNothing()
        .returning({ version: ownSignatures.version })
      count += inserted.length
    }
    return count === made.length
  }

  return {
    async of({ subject, upstream }, versions) {
      if (versions.size === 0 || (await keyring.of(upstream.registry, [])).state !== 'none') return NONE
      const purl = formatPurl(subject)
      let known = await read(purl)
      const unsigned = [...versions].filter(([version]) => !known.has(version))
      const made = await Promise.all(unsigned.map(async ([version, integrity]) => {
        const signature = await pool.sign(signedMessage(subject.name, version, integrity), privateKey)
        return { version, signature: signature.toString('base64') }
      }))
      if (await keep(purl, made)) for (const { version, signature } of made) known.set(version, signature)
      else known = await read(purl)
      return new Map([...versions.keys()].flatMap((version) => {
        const signature = known.get(version)
        return signature === undefined ? [] : [[version, { keyid, signature }]]
      }))
    },
  }
}
