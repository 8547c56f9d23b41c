import { LogError } from '../../shared/sumdb/index.ts'
import type { VersionBadge } from '../../shared/types/badges.ts'
import type { BelievedLog } from './log.ts'

/** What came out when this browser looked for itself. */
export type VersionCheck
/** The record is proven to be in the log, and says what the server said of it. */
  = | { outcome: 'same', index: number, size: number, origin: string }
  /** The record is proven, and says something else than the server did. */
    | { outcome: 'differs' }
    /** What the server shows is not what the log signed. */
    | { outcome: 'contradiction' }
    /** The server's log is not the one that this browser knows. */
    | { outcome: 'otherLog' }
    /** Nothing could be looked at. */
    | { outcome: 'unreachable' }

/** Proves, by what the log signed, that the record a badge speaks of is in it and has that digest. Never throws. */
export async function checkVersion(
  open: () => Promise<BelievedLog>, { name, version, namespace, integrity }: VersionBadge,
): Promise<VersionCheck> {
  try {
    const { client, otherKey, verifier } = await open()
    if (otherKey !== undefined) return { outcome: 'otherLog' }
    const { index, record, head } = await client.lookup(name, version, [namespace ?? undefined])
    return record.integrity === integrity
      ? { outcome: 'same', index, size: head.size, origin: verifier.name }
      : { outcome: 'differs' }
  } catch (error) {
    return { outcome: error instanceof LogError ? 'contradiction' : 'unreachable' }
  }
}
