import { LogError } from '../../shared/sumdb/index.ts'
import type { BelievedLog } from './log.ts'

/** A version as a page shows it; without a digest, the log is only asked for it. */
export interface ShownVersion {
  name: string
  version: string
  /** Of its authority; undefined: the log's default one. */
  namespace?: string
  index?: number
  integrity?: string
}

/** What came out when this browser looked for itself. */
export type ShownCheck
/** The record is proven to be in the log, and says what the page says. */
  = | { outcome: 'verified', index: number, size: number }
  /** The record is proven, and says something else than the page. */
    | { outcome: 'differs', index: number, integrity: string }
    /** What the server shows is not what the log signed. */
    | { outcome: 'contradiction', sentence: string }
    /** The server's log is not the one that this browser knows. */
    | { outcome: 'otherLog' }
    /** Nothing could be looked at: that says nothing for or against the version. */
    | { outcome: 'unavailable', sentence: string }

/** Proves, by what the log signed, that the record of a version is in it and says what was shown. Never throws. */
export async function checkShownVersion(open: () => Promise<BelievedLog>, shown: ShownVersion): Promise<ShownCheck> {
  const { name, version, namespace, index: place, integrity } = shown
  try {
    const { client, otherKey } = await open()
    if (otherKey !== undefined) return { outcome: 'otherLog' }
    const { index, record, head } = await client.lookup(name, version, [namespace])
    const isSame = (integrity ?? record.integrity) === record.integrity && (place ?? index) === index
    return isSame ? { outcome: 'verified', index, size: head.size } : { outcome: 'differs', index, integrity: record.integrity }
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error)
    return { outcome: error instanceof LogError ? 'contradiction' : 'unavailable', sentence }
  }
}
