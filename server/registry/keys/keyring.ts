import { setTimeout as sleep } from 'node:timers/promises'
import { isBase64, signedMessage, type RegistryKey } from '../../../shared/record/index.ts'
import type { RegistryConfig } from '../../config/types.ts'
import type { CryptoPool } from '../../crypto-pool.ts'
import { RegistryError } from '../../errors.ts'
import { createSingleFlight } from '../../single-flight.ts'
import { label, type Upstream } from '../request.ts'
import { askForKeys, type KeysAnswer } from './ask.ts'
import { plainKey, toSigningKey } from './document.ts'
import { isExpired } from './expiry.ts'
import { createRegister, type RegisterOptions } from './register.ts'
import type { AuthorityKeys, Keyring } from './types.ts'

export interface KeyringOptions extends Omit<RegisterOptions, 'reserved' | 'now'> {
  /** Our own keys, which nobody else may have an id of. */
  own?: readonly RegistryKey[]
  /** Namespace of the authority whose subjects carry none. */
  defaultNamespace: string
  mirrorsOf(authority: RegistryConfig): readonly RegistryConfig[]
  upstream(registry: RegistryConfig): Upstream
  pool: CryptoPool
  /** Whole budget (ms) of reading a registry's keys. */
  timeout: number
  now?: () => number
}

/** What a registry said when it was asked last. */
interface Asked {
  at: number
  answer: KeysAnswer | RegistryError
}

/** Stands for an answer that is still to come. */
const ASKING: KeysAnswer = { state: 'none' }

/** Keys younger than this (ms) are not asked for again. */
const FRESH = 3_600_000
/** Where asking again may help, because a key is missing or the registry failed, it is done this often (ms)… */
const RETRY = 60_000
/** …and this often where nothing at all is known, and nothing new can be served. */
const RETRY_UNKNOWN = 5_000
/** Whoever has keys that may be old waits this long (ms) for younger ones. */
const PATIENCE = 2_000
/** Whoever wants all keys waits this long (ms) for registries that were never asked. */
const PATIENCE_FOR_ALL = 5_000
/** Whose key ours are, for messages. */
const OURSELVES = 'this server'

export function createKeyring(options: KeyringOptions): Keyring {
  const { authorities, own = [], defaultNamespace, mirrorsOf, upstream, pool, timeout, trouble, now = Date.now } = options
  const reserved = own.map(key => ({ namespace: OURSELVES, key: toSigningKey(key) }))
  const register = createRegister({ ...options, now, reserved })
  const asked = new Map<string, Asked>()
  const flights = createSingleFlight<undefined>()
  const running = new Set<Promise<unknown>>()

  function track<T>(work: Promise<T>): Promise<T> {
    const watched = work.catch(() => { /* Whoever waits for the work hears of it. */ }).finally(() => running.delete(watched))
    running.add(watched)
    return work
  }

  const isRemembered = ({ namespace }: RegistryConfig) => register.book().remembered(namespace).length > 0

  function isDue(registry: RegistryConfig, wanted: readonly string[] = []): boolean {
    const last = asked.get(registry.id)
    if (!last) return true
    const age = now() - last.at
    // A clock that was set back says nothing about an age.
    return age < 0 || age >= lifetimeOf(registry, last, wanted)
  }

  function lifetimeOf(registry: RegistryConfig, { answer }: Asked, wanted: readonly string[]): number {
    if (answer instanceof RegistryError) return registry.role === 'mirror' || isRemembered(registry) ? RETRY : RETRY_UNKNOWN
    if (answer.state === 'none' && (answer.odd !== undefined || isRemembered(registry))) return RETRY
    const keys = register.book().of(registry.namespace)
    return wanted.every(keyid => keys.has(keyid)) ? FRESH : RETRY
  }

  const ask = (registry: RegistryConfig): Promise<KeysAnswer | RegistryError> =>
    askForKeys(upstream(registry), timeout).catch((error: RegistryError) => error)

  function refresh(authority: RegistryConfig): Promise<undefined> {
    return track(flights.run(authority.id, async () => {
      const answer = await ask(authority)
      if (!(answer instanceof RegistryError)) {
        if (answer.state === 'keys') await patiently(refreshElders(authority), PATIENCE)
        await register.take(authority, answer)
      }
      asked.set(authority.id, { at: now(), answer })
      void track(compareMirrors(authority))
      return undefined
    }))
  }

  /** Of two that claim one key id, the first one in the configuration has it: it must have been heard first. */
  async function refreshElders(authority: RegistryConfig): Promise<void> {
    const elders = authorities.slice(0, authorities.indexOf(authority))
    await Promise.allSettled(elders.filter(elder => !asked.has(elder.id) && !isRemembered(elder)).map(refresh))
  }

  async function compareMirrors(authority: RegistryConfig): Promise<void> {
    await Promise.all(mirrorsOf(authority).filter(mirror => isDue(mirror)).map(async (mirror) => {
      asked.set(mirror.id, { at: now(), answer: ASKING })
      const answer = await ask(mirror)
      asked.set(mirror.id, { at: now(), answer })
      if (!(answer instanceof RegistryError)) await register.compare(mirror, authority, answer)
    })).catch(error => trouble('comparing the keys of mirrors', error))
  }

  async function current(authority: RegistryConfig, wanted: readonly string[]): Promise<AuthorityKeys> {
    await register.load()
    if (isDue(authority, wanted)) {
      const keys = register.book().of(authority.namespace)
      const isEnough = keys.size > 0 && wanted.every(keyid => keys.has(keyid))
      await (isEnough ? patiently(refresh(authority), PATIENCE) : refresh(authority))
    }
    return stateOf(authority)
  }

  function stateOf(authority: RegistryConfig): AuthorityKeys {
    const answer = asked.get(authority.id)?.answer
    const isConfirmed = answer !== undefined && !(answer instanceof RegistryError)
    if (isConfirmed && answer.state === 'none') return { state: isRemembered(authority) ? 'vanished' : 'none' }
    if (isConfirmed || isRemembered(authority)) return { state: 'known', byId: register.book().of(authority.namespace), isConfirmed }
    throw answer ?? new RegistryError('UPSTREAM_UNAVAILABLE', `Registry ${label(authority)} did not answer its signing keys in time; try again in a moment.`, { retryAfter: 5 })
  }

  return {
    of: (authority, wanted) => current(authority, [...wanted]),
    async verify({ subject, integrity, signature: { keyid, signature }, published }) {
      const { name, version, namespace = defaultNamespace } = subject
      const what = `${name}@${version}`
      const authority = authorities.find(one => one.namespace === namespace)
      if (!authority) throw refused(`The keys of registry ${namespace} are not known here, so the signature of ${what} cannot be verified.`)
      const { state } = await current(authority, [keyid])
      if (state === 'none') throw refused(`Registry ${label(authority)} publishes no signing keys, so the signature of ${what} cannot be verified.`)
      // What it signed stays signed, also if it no longer lists its keys.
      const key = register.book().of(namespace).get(keyid)
      if (!key) throw refused(`The signature of ${what} is by key ${keyid}, which ${label(authority)} does not have.`)
      if (isExpired(key, published, now())) throw refused(`The signature of ${what} is by key ${keyid}, which expired before the version was published.`)
      const message = signedMessage(name, version, integrity)
      if (!isBase64(signature) || !await pool.verify(message, Buffer.from(signature, 'base64'), key.object)) {
        throw refused(`The signature of ${what} with ${integrity} does not verify under key ${keyid} of registry ${label(authority)}.`)
      }
    },
    async all(only) {
      await register.load().catch(() => { /* Reported where it happened; what was heard since then is in memory. */ })
      const wanted = authorities.filter(({ id }) => only?.has(id) ?? true)
      const due = wanted.filter(authority => isDue(authority))
      const unknown = new Set(due.filter(authority => !asked.has(authority.id) && !isRemembered(authority)))
      const work = due.map(async authority => refresh(authority).catch(() => { /* As above. */ }))
      const awaited = work.filter((_, n) => unknown.has(due[n]!))
      if (awaited.length > 0) await patiently(Promise.all(awaited), PATIENCE_FOR_ALL)
      const keys = wanted.flatMap(({ namespace }) => [...register.book().of(namespace).values()])
      return [...new Map([...keys, ...own].map(key => [key.keyid, plainKey(key)])).values()]
    },
    known: () => ({
      own,
      book: register.book(),
      saidBy(id) {
        const last = asked.get(id)
        if (!last || last.answer === ASKING) return undefined
        const { at, answer } = last
        return { at, listed: answer instanceof RegistryError ? undefined : answer.state === 'keys' ? answer.keys : [] }
      },
    }),
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

/** Waits for work, but not for longer than so many milliseconds; it goes on behind. */
async function patiently(work: Promise<unknown>, ms: number): Promise<void> {
  const patience = new AbortController()
  const over = sleep(ms, undefined, { signal: patience.signal, ref: false }).catch(() => { /* The work was faster. */ })
  try {
    await Promise.race([work, over])
  } finally {
    patience.abort()
  }
}

function refused(sentence: string): RegistryError {
  return new RegistryError('NOT_VERIFIED', sentence)
}
