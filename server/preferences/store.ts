import { and, eq, inArray, sql } from 'drizzle-orm'
import { tables, type Database } from '../database/index.ts'

/** A profile as it is stored. */
export interface StoredProfile {
  id: string
  /** SHA-256 of its token. */
  token: string
  /** JSON. */
  content: string
  /** Milliseconds since the epoch. */
  created: number
  updated: number
}

/** Profiles in the database. Everything rejects with the database's error. */
export interface ProfileStore {
  /** @returns whether there was room for it */
  add(profile: StoredProfile): Promise<boolean>
  find(tokens: readonly string[]): Promise<StoredProfile[]>
  /** @returns false if somebody else changed or removed it since it was read */
  replace(profile: StoredProfile, content: string, updated: number): Promise<boolean>
  /** @returns whether there was one */
  remove(token: string): Promise<boolean>
  count(): Promise<number>
}

export function createProfileStore({ orm }: Database, mostProfiles: number): ProfileStore {
  const { profiles } = tables
  return {
    async add({ id, token, content, created, updated }) {
      // One statement, so that it holds with several processes too.
      const { rowsAffected } = await orm.run(sql`
        INSERT INTO ${profiles} (id, token, content, created, updated)
        SELECT ${id}, ${token}, ${content}, ${created}, ${updated} WHERE (SELECT count(*) FROM ${profiles}) < ${mostProfiles}`)
      return rowsAffected === 1
    },
    find: async tokens => orm.select().from(profiles).where(inArray(profiles.token, [...tokens])),
    async replace(profile, content, updated) {
      const { rowsAffected } = await orm.update(profiles).set({ content, updated })
        .where(and(eq(profiles.token, profile.token), eq(profiles.content, profile.content)))
      return rowsAffected === 1
    },
    async remove(token) {
      const { rowsAffected } = await orm.delete(profiles).where(eq(profiles.token, token))
      return rowsAffected === 1
    },
    count: () => orm.$count(profiles),
  }
}
