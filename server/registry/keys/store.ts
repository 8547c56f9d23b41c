import { and, eq, notInArray } from 'drizzle-orm'
import { tables, type Database } from '../../database/index.ts'
import type { RememberedKey } from './book.ts'
import { toSigningKey } from './document.ts'
import type { SigningKey } from './types.ts'

const { registryKeys } = tables

/** Where keys are remembered for ever. */
export interface KeyStore {
  read(): Promise<RememberedKey[]>
  /**
   * Keeps what an authority lists now. Of a key that is known, only its expiry can change.
   * @param isRecorded whether the log says so too; if not, it looks as if they were not listed, and is recorded another time
   */
  save(namespace: string, listed: readonly SigningKey[], isRecorded: boolean): Promise<void>
}

export function createKeyStore({ orm }: Pick<Database, 'orm'>, now: () => number = Date.now): KeyStore {
  return {
    async read() {
      const rows = await orm.select().from(registryKeys).all()
      return rows.map(({ namespace, keyid, key, expires, firstSeen, isPublished }) => ({
        namespace, firstSeen, isPublished, key: toSigningKey({ keyid, key, ...(expires !== null && { expires }) }),
      }))
    },
    async save(namespace, listed, isRecorded) {
      const firstSeen = now()
      const upserts = listed.map(({ keyid, key, expires = null }) =>
        orm.insert(registryKeys).values({ namespace, keyid, key, expires, firstSeen, isPublished: isRecorded })
          .onConflictDoUpdate({
            target: [registryKeys.namespace, registryKeys.keyid], set: { expires, isPublished: isRecorded },
          }))
      const others = orm.update(registryKeys).set({ isPublished: false })
        .where(and(eq(registryKeys.namespace, namespace), notInArray(registryKeys.keyid, listed.map(({ keyid }) => keyid))))
      const [first, ...rest] = isRecorded ? [others, ...upserts] : upserts
      if (first) await orm.batch([first, ...rest])
    },
  }
}
