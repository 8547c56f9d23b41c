import type { RegistryConfig } from '../../config/types.ts'
import { RegistryError } from '../../errors.ts'
import { admit, createKeyBook, differing, hasChanged, type Clash, type KeyBook, type RememberedKey, type StandingKey } from './book.ts'
import type { KeysAnswer } from './ask.ts'
import { plainKey } from './document.ts'
import { keyClash, keysVanished } from './incidents.ts'
import type { KeyStore } from './store.ts'
import type { KeyIncident, KeysDraft, SigningKey } from './types.ts'

/** Everything that authorities ever listed, and what is done about what they list now. */
export interface Register {
  book(): KeyBook
  /**
   * Reads what is remembered, unless that was done.
   * @throws RegistryError `LOG_UNAVAILABLE`
   */
  load(): Promise<void>
  /**
   * Takes over an authority's answer: keeps and records its keys, and reports what is wrong with them.
   * @throws RegistryError `LOG_UNAVAILABLE` if it was never possible to read what is remembered
   */
  take(authority: RegistryConfig, answer: KeysAnswer): Promise<void>
  /** Compares a mirror's answer with its authority's keys; it defines nothing. */
  compare(mirror: RegistryConfig, authority: RegistryConfig, answer: KeysAnswer): Promise<void>
}

export interface RegisterOptions {
  /** In their order. */
  authorities: readonly RegistryConfig[]
  /** Keys that nobody else may have an id of: our own. */
  reserved: readonly StandingKey[]
  store: KeyStore
  /** Whether only private names lead to a registry: then nothing of it is recorded. */
  isPrivate(registry: RegistryConfig): boolean
  /** Appends to the log. @throws RegistryError `LOG_UNAVAILABLE` */
  record(drafts: readonly KeysDraft[]): Promise<unknown>
  report(incidents: readonly KeyIncident[]): Promise<unknown>
  trouble(what: string, error: unknown): void
  now(): number
}

/** A registry that lists new keys all the time fills neither the memory… */
const MOST_REMEMBERED = 1_000
/** …nor the list of incidents. */
const MOST_INCIDENTS = 20

export function createRegister(options: RegisterOptions): Register {
  const { authorities, reserved, store, isPrivate, record, report, trouble, now } = options
  let remembered: readonly RememberedKey[] = []
  let book = createKeyBook(remembered, authorities, reserved)
  let isLoaded = false
  /** Incidents of each registry that are known to be kept. */
  const reported = new Map<string, Set<string>>()
  /** Answers are taken over one after the other: which key was first is certain. */
  let turn: Promise<unknown> = Promise.resolve()

  function exclusively(work: () => Promise<void>): Promise<void> {
    const mine = turn.then(work)
    turn = mine.catch(() => { /* Whoever asked for the work hears of it. */ })
    return mine
  }

  function remember(keys: readonly RememberedKey[]) {
    remembered = keys
    book = createKeyBook(remembered, authorities, reserved)
  }

  /** Also what other processes wrote. What could not be written stays in memory. */
  async function read() {
    try {
      const stored = await store.read()
      const has = new Set(stored.map(({ namespace, key }) => `${namespace} ${key.keyid}`))
      remember([...stored, ...remembered.filter(({ namespace, key }) => !has.has(`${namespace} ${key.keyid}`))])
      isLoaded = true
    } catch (cause) {
      trouble('reading the signing keys', cause)
      if (isLoaded) return
      throw new RegistryError('LOG_UNAVAILABLE', 'The signing keys that this server remembers cannot be read now, and nothing new is served without them; try again in a moment.', {
        cause, retryAfter: 5,
      })
    }
  }

  async function incidents({ id }: RegistryConfig, found: readonly KeyIncident[]) {
    const known = reported.get(id) ?? new Set()
    const fresh = found.filter(({ cause }) => !known.has(cause)).slice(0, MOST_INCIDENTS - known.size)
    if (fresh.length === 0) return
    try {
      await report(fresh)
      reported.set(id, new Set([...known, ...fresh.map(({ cause }) => cause)]))
    } catch (error) {
      trouble('reporting an incident of signing keys', error)
    }
  }

  function clashes(registry: RegistryConfig, found: readonly Clash[]) {
    return incidents(registry, found.map(clash => keyClash(clash, { registry, isPrivate: isPrivate(registry), now: now() })))
  }

  /** In the log first: whoever ends between the two records it once more, which harms nobody. */
  async function keep(authority: RegistryConfig, keys: readonly SigningKey[]) {
    const { namespace } = authority
    let isRecorded = true
    try {
      if (!isPrivate(authority)) await record([{ kind: 'keys', namespace, keys: keys.map(plainKey) }])
    } catch (error) {
      isRecorded = false
      trouble('recording signing keys', error)
    }
    const isListed = new Set(keys.map(({ keyid }) => keyid))
    const before = new Map(book.remembered(namespace).map(one => [one.key.keyid, one]))
    remember([
      ...remembered.filter(one => one.namespace !== namespace),
      ...[...before.values()].filter(({ key }) => !isListed.has(key.keyid))
        .map(one => isRecorded ? { ...one, isPublished: false } : one),
      ...keys.map(key => ({ namespace, key, firstSeen: before.get(key.keyid)?.firstSeen ?? now(), isPublished: isRecorded })),
    ])
    await store.save(namespace, keys, isRecorded).catch(error => trouble('keeping signing keys', error))
  }

  async function takeKeys(authority: RegistryConfig, listed: readonly SigningKey[]) {
    const { namespace } = authority
    const { admitted, clashes: refused } = admit(listed, namespace, book)
    const before = book.remembered(namespace)
    const known = new Set(before.map(({ key }) => key.keyid))
    const fresh = admitted.filter(({ keyid }) => !known.has(keyid))
    const room = Math.max(0, MOST_REMEMBERED - before.length)
    if (fresh.length > room) trouble(`keeping more than ${MOST_REMEMBERED} signing keys of "${authority.id}"`, new Error('the others are ignored'))
    const tooMany = new Set(fresh.slice(room))
    const kept = admitted.filter(key => !tooMany.has(key))
    if (hasChanged(kept, before)) await keep(authority, kept)
    await clashes(authority, refused)
  }

  return {
    book: () => book,
    async load() {
      if (!isLoaded) await exclusively(() => isLoaded ? Promise.resolve() : read())
    },
    take: (authority, answer) => exclusively(async () => {
      await read()
      if (answer.state === 'keys') {
        if (answer.unusable.length > 0) trouble(`reading the keys of "${authority.id}"`, new Error(answer.unusable.slice(0, 5).join('; ')))
        return takeKeys(authority, answer.keys)
      }
      if (answer.odd !== undefined) trouble(`reading the keys of "${authority.id}"`, new Error(answer.odd))
      const keys = book.remembered(authority.namespace).map(({ key }) => key)
      if (keys.length === 0) return
      const context = { registry: authority, isPrivate: isPrivate(authority), now: now() }
      await incidents(authority, [keysVanished(keys, answer.odd, context)])
    }),
    compare: (mirror, { namespace }, answer) => exclusively(async () => {
      if (answer.state === 'keys') await clashes(mirror, differing(answer.keys, namespace, book))
    }),
  }
}
