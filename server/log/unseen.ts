import { identityOf, type Filing } from './draft.ts'

/** What of a batch must be appended. */
export interface Unseen {
  /** Each record once, in order. */
  fresh: Filing[]
  /** For each of the batch which of the fresh ones it became; undefined: it is recorded already. */
  places: (number | undefined)[]
}

/**
 * Tells what is recorded, or twice in the batch, from what must be appended.
 * @param stored what the database has for each of the batch
 */
export function unseen(batch: readonly Filing[], stored: readonly unknown[]): Unseen {
  const fresh: Filing[] = []
  const taken = new Map<string, number>()
  const places = batch.map((filing, n) => {
    if (stored[n]) return undefined
    const identity = identityOf(filing)
    const same = identity === undefined ? undefined : taken.get(identity)
    if (same !== undefined) return same
    const place = fresh.push(filing) - 1
    if (identity !== undefined) taken.set(identity, place)
    return place
  })
  return { fresh, places }
}
