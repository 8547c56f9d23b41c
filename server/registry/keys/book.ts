import type { RegistryConfig } from '../../config/types.ts'
import { isSameKey } from './document.ts'
import type { SigningKey } from './types.ts'

/** A key of an authority, as it is remembered. */
export interface RememberedKey {
  /** Of the authority. */
  namespace: string
  key: SigningKey
  /** Milliseconds since the epoch. */
  firstSeen: number
  /** Whether the authority listed it when it was asked last, and that is recorded. */
  isPublished: boolean
}

/** Which key stands under an id, and whose it is. */
export interface StandingKey {
  namespace: string
  key: SigningKey
}

/** All keys that are remembered of some authorities. One id stands for one key, whoever lists it. */
export interface KeyBook {
  /** The keys of an authority by their id, without those that do not stand. */
  of(namespace: string): ReadonlyMap<string, SigningKey>
  /** The key that stands under an id. */
  standing(keyid: string): StandingKey | undefined
  /** What is remembered of an authority, whether it stands or not. */
  remembered(namespace: string): readonly RememberedKey[]
}

/**
 * Under each id the key stands that was seen first; at a tie, that of the authority that is configured first.
 * @param authorities in their order; what is remembered of others is as if it were not
 * @param reserved keys that stand before all others
 */
export function createKeyBook(
  remembered: readonly RememberedKey[], authorities: readonly RegistryConfig[], reserved: readonly StandingKey[] = [],
): KeyBook {
  const place = new Map(authorities.map(({ namespace }, n) => [namespace, n]))
  const standing = new Map(reserved.map(one => [one.key.keyid, one]))
  const all = new Map<string, RememberedKey[]>()
  const usable = new Map<string, Map<string, SigningKey>>()
  const inOrder = remembered.filter(({ namespace }) => place.has(namespace))
    .toSorted((a, b) => a.firstSeen - b.firstSeen || place.get(a.namespace)! - place.get(b.namespace)!)
  for (const one of inOrder) {
    const { namespace, key } = one
    all.set(namespace, [...all.get(namespace) ?? [], one])
    const first = standing.get(key.keyid)
    if (!first) standing.set(key.keyid, { namespace, key })
    if (first && !isSameKey(first.key, key)) continue
    usable.set(namespace, (usable.get(namespace) ?? new Map<string, SigningKey>()).set(key.keyid, key))
  }
  return {
    of: namespace => usable.get(namespace) ?? new Map(),
    standing: keyid => standing.get(keyid),
    remembered: namespace => all.get(namespace) ?? [],
  }
}

/** A key that is refused, because another one stands under its id. */
export interface Clash {
  refused: SigningKey
  standing: StandingKey
}

export interface Admission {
  admitted: SigningKey[]
  clashes: Clash[]
}

/** Which of the keys that an authority lists are its keys, and which are refused. Within the list, the first one stands. */
export function admit(listed: readonly SigningKey[], namespace: string, book: KeyBook): Admission {
  const admitted = new Map<string, SigningKey>()
  const clashes: Clash[] = []
  for (const key of listed) {
    const before = admitted.get(key.keyid)
    const standing = book.standing(key.keyid) ?? (before && { namespace, key: before })
    if (standing && !isSameKey(standing.key, key)) clashes.push({ refused: key, standing })
    else admitted.set(key.keyid, key)
  }
  return { admitted: [...admitted.values()], clashes }
}

/** The keys of a mirror that differ from what its authority has under the same id. */
export function differing(listed: readonly SigningKey[], namespace: string, book: KeyBook): Clash[] {
  const own = book.of(namespace)
  return listed.flatMap((refused) => {
    const key = own.get(refused.keyid)
    return key && !isSameKey(key, refused) ? [{ refused, standing: { namespace, key } }] : []
  })
}

/** Whether what an authority lists now differs from what is recorded of it. */
export function hasChanged(listed: readonly SigningKey[], remembered: readonly RememberedKey[]): boolean {
  const text = ({ keyid, key, expires }: SigningKey) => `${keyid} ${key} ${expires ?? ''}`
  const before = new Set(remembered.filter(({ isPublished }) => isPublished).map(({ key }) => text(key)))
  return listed.length !== before.size || listed.some(key => !before.has(text(key)))
}
