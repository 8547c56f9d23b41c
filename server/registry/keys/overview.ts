import type { KeyListing, KeySource, ListedKey, RegistryKeysOverview } from '../../../shared/types/registries.ts'
import type { RegistryConfig } from '../../config/types.ts'
import { isSameKey } from './document.ts'
import { isExpired } from './expiry.ts'
import type { Keyring, KnownKeys } from './types.ts'

/**
 * Which registry signs with which key, and who else lists it. One entry for each id that ever stood, in the order of the
 * configuration: a registry that lists another key under a taken id shows beside the key that stands.
 * @param registries those that whoever asks may see
 * @param now milliseconds since the epoch
 */
export function keysOverview(
  registries: readonly RegistryConfig[], keyring: Pick<Keyring, 'known'>, now = Date.now(),
): RegistryKeysOverview {
  const known = keyring.known()
  const authorities = registries.filter(({ role }) => role === 'authority')
  return {
    keys: [
      ...known.own.map(key => entryOf(key, { owner: null, firstSeen: null, isPublished: true }, registries, known, now)),
      ...authorities.flatMap(({ id, namespace }) => known.book.remembered(namespace)
        .filter(({ key }) => known.book.standing(key.keyid)?.namespace === namespace)
        .map(({ key, firstSeen, isPublished }) =>
          entryOf(key, { owner: id, firstSeen: new Date(firstSeen).toISOString(), isPublished }, registries, known, now))),
    ],
    registries: registries.map(registry => sourceOf(registry, known)),
  }
}

type Key = KnownKeys['own'][number]

function entryOf(
  { keyid, key, expires }: Key, about: Pick<ListedKey, 'owner' | 'firstSeen' | 'isPublished'>,
  registries: readonly RegistryConfig[], known: KnownKeys, now: number,
): ListedKey {
  const listedBy = registries.flatMap((registry): KeyListing[] => {
    const listed = listedOf(registry, known).filter(one => one.keyid === keyid)
    if (listed.length === 0) return []
    return [{ id: registry.id, isSame: listed.every(one => isSameKey(one, { keyid, key })) }]
  })
  return {
    keyid, key, expires: expires ?? null, isExpired: isExpired({ keyid, key, expires }, undefined, now), ...about, listedBy,
  }
}

/** What it listed last; of an authority that was not asked since the start, what is remembered of that. */
function listedOf({ id, role, namespace }: RegistryConfig, { saidBy, book }: KnownKeys): readonly Key[] {
  const listed = saidBy(id)?.listed
  if (listed || role === 'mirror') return listed ?? []
  return book.remembered(namespace).filter(({ isPublished }) => isPublished).map(({ key }) => key)
}

function sourceOf({ id, role, of }: RegistryConfig, { saidBy }: KnownKeys): KeySource {
  const said = saidBy(id)
  const state: KeySource['state'] = !said ? 'unknown' : !said.listed ? 'failed' : said.listed.length > 0 ? 'keys' : 'none'
  return { id, role, of: of ?? null, state, askedAt: said ? new Date(said.at).toISOString() : null }
}
