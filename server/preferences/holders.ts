import { LRUCache } from 'lru-cache'
import type { ProfileContent } from '../../shared/types/preferences.ts'
import { createBatch } from './batch.ts'
import type { ProfileStore, StoredProfile } from './store.ts'

/** Somebody's choice, the same object for as long as it stays the same. */
export interface Profile {
  readonly id: string
  readonly content: ProfileContent
}

/** Who holds a token. */
export interface Holders {
  /** At once if the token was seen lately. By the token's digest. */
  get(digest: string): Profile | undefined | Promise<Profile | undefined>
  /** This process changed a profile, or removed it. */
  changed(digest: string, profile: StoredProfile | undefined): void
}

interface HoldersOptions {
  store: Pick<ProfileStore, 'find'>
  trouble(what: string, error: unknown): void
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number
}

interface Known {
  profile: Profile
  /** The content as it is stored. */
  text: string
  until: number
}

/** How long (ms) another process may go on with what was changed here. */
const FRESH = 30_000
/** While the database does not answer, what was known goes on for so long (ms) before it is asked again. */
const RESPITE = 5_000
/** Bytes of profiles in memory. */
const MEMORY = 16 * 1024 * 1024
const OVERHEAD = 1_000
const MOST_STRANGERS = 20_000
/** Parameters of one query. */
const BATCH = 500

export function createHolders({ store, trouble, now = () => performance.now() }: HoldersOptions): Holders {
  const known = new LRUCache<string, Known>({ maxSize: MEMORY, sizeCalculation: ({ text }) => text.length * 2 + OVERHEAD })
  /** Digests of nobody's tokens, and until when that is believed. Apart: whoever makes them up must not push out the others. */
  const strangers = new LRUCache<string, number>({ max: MOST_STRANGERS })
  /** Rises with every change, so that what was read before it is not kept. */
  let changes = 0

  function keep(digest: string, stored: StoredProfile): Profile {
    const before = known.get(digest)
    const { content: text } = stored
    const profile = before?.text === text && before.profile.id === stored.id ? before.profile : profileOf(stored)
    known.set(digest, { profile, text, until: now() + FRESH })
    return profile
  }

  const find = createBatch(async (digests) => {
    const before = changes
    const rows = new Map((await store.find(digests)).map(row => [row.token, row]))
    const isCurrent = changes === before
    return new Map(digests.flatMap((digest): [string, Profile][] => {
      const row = rows.get(digest)
      if (!row) {
        if (isCurrent) {
          strangers.set(digest, now() + FRESH)
          known.delete(digest)
        }
        return []
      }
      return [[digest, isCurrent ? keep(digest, row) : profileOf(row)]]
    }))
  }, BATCH)

  async function look(digest: string, before: Known | undefined): Promise<Profile | undefined> {
    try {
      return await find(digest)
    } catch (error) {
      if (!before) throw error
      trouble('looking up preferences', error)
      if (known.get(digest) === before) before.until = now() + RESPITE
      return before.profile
    }
  }

  return {
    get(digest) {
      const entry = known.get(digest)
      if (entry && entry.until > now()) return entry.profile
      if (!entry && (strangers.get(digest) ?? -Infinity) > now()) return undefined
      return look(digest, entry)
    },
    changed(digest, profile) {
      changes++
      strangers.delete(digest)
      if (profile) keep(digest, profile)
      else {
        known.delete(digest)
        strangers.set(digest, now() + FRESH)
      }
    },
  }
}

function profileOf({ id, content }: StoredProfile): Profile {
  return { id, content: JSON.parse(content) as ProfileContent }
}
