import { randomBytes } from 'node:crypto'
import type { CreatedProfile, PreferenceOptions, ProfileAnswer, ProfileContent } from '../../shared/types/preferences.ts'
import type { Config } from '../config/types.ts'
import type { Database } from '../database/index.ts'
import { RegistryError } from '../errors.ts'
import { createClientLimit } from '../http/index.ts'
import type { View, Views } from '../npm/index.ts'
import { createChoosable } from './choosable.ts'
import { parseContent, STRATEGIES, TARBALL_MODES } from './content.ts'
import { createHolders, type Profile } from './holders.ts'
import { mergePatch } from './merge.ts'
import { createProfileStore, type StoredProfile } from './store.ts'
import { createToken, digestOf, tokenOf } from './token.ts'
import { askedOf, ignoredOf, viewOf } from './view.ts'

/** Who asks for a profile, by the token that opens it. */
interface Asker {
  /** The header's value. */
  authorization: string | undefined
  /** The client's, for counting wrong tokens. */
  address: string | undefined
}

/** Profiles of people. Everything throws a `RegistryError`, with a sentence for them, or the database's error. */
export interface Preferences extends Pick<Views, 'of'> {
  /** @param request.isOperator may name what is private to operators, and make as many as they like */
  create(body: unknown, request: { address: string | undefined, isOperator: boolean }): Promise<CreatedProfile>
  read(asker: Asker): Promise<ProfileAnswer>
  /** @param patch RFC 7396, for an object with `content` */
  change(asker: Asker, patch: unknown): Promise<ProfileAnswer>
  remove(asker: Asker): Promise<void>
  options(): PreferenceOptions
  /**
   * Whom a profile with this content would ask for tarballs: ids in its order, without those that it never asks. Counted for each
   * client, because somebody is about to ask them.
   */
  asked(asker: Asker, body: unknown): Promise<string[]>
  /** Profiles there are, as far as is known at the moment. */
  count(): number
}

interface PreferencesOptions {
  config: Pick<Config, 'registries' | 'routes' | 'private' | 'strategy' | 'tarballs'>
  database: Database
  /** What everybody sees at a host name. */
  usual(host: string | undefined): View
  /** Told of every token that is nobody's. */
  wrongToken(surface: 'npm' | 'api'): void
  trouble(what: string, error: unknown): void
  mostProfiles?: number
}

const MOST_PROFILES = 100_000
const CREATIONS = { points: 10, period: 3600, tooMany: 'More than 10 profiles an hour were made' }
const CHANGES = { points: 120, period: 60, tooMany: 'More than 120 changes of preferences a minute were asked for' }
const TRIALS = { points: 10, period: 60, tooMany: 'More than 10 tests of preferences a minute were asked for' }
const WRONG_TOKENS = { points: 30, period: 60, tooMany: 'More than 30 wrong tokens a minute were sent' }
/** Others may change a profile at the same time; nobody does so for long. */
const ATTEMPTS = 10
/** A known number of profiles that is older (ms) is asked for again. */
const COUNT_AGE = 30_000

export function createPreferences(options: PreferencesOptions): Preferences {
  const { config, database, usual, wrongToken, trouble, mostProfiles = MOST_PROFILES } = options
  const choosable = createChoosable(config)
  const store = createProfileStore(database, mostProfiles)
  const holders = createHolders({ store, trouble })
  const creations = createClientLimit(CREATIONS)
  const changes = createClientLimit(CHANGES)
  const trials = createClientLimit(TRIALS)
  const wrongTokens = createClientLimit(WRONG_TOKENS)
  const views = new WeakMap<Profile, Map<View, View>>()
  let count = 0
  let countedAt: number

  function view(profile: Profile | undefined, everybodys: View): View {
    if (!profile) {
      wrongToken('npm')
      throw new RegistryError('UNAUTHENTICATED', 'This registry does not know the token that came with the request. Remove _authToken for it from your .npmrc (installing needs none), or make a new one under its preferences.')
    }
    let byHost = views.get(profile)
    if (!byHost) views.set(profile, byHost = new Map())
    let found = byHost.get(everybodys)
    if (!found) byHost.set(everybodys, found = viewOf(profile, everybodys, choosable))
    return found
  }

  /** @throws RegistryError `UNAUTHENTICATED`; `RATE_LIMITED` after too many wrong ones, which a right one never is */
  async function open({ authorization, address }: Asker): Promise<StoredProfile> {
    if (!authorization) throw new RegistryError('UNAUTHENTICATED', 'Which profile? Send its token: "Authorization: Bearer npmx_…".')
    const token = tokenOf(authorization)
    const digest = token === undefined ? undefined : digestOf(token)
    if (digest !== undefined && await holders.get(digest)) {
      const [stored] = await store.find([digest])
      if (stored) return stored
      // Another process removed it a moment ago.
      holders.changed(digest, undefined)
    }
    wrongToken('api')
    await wrongTokens.take(address)
    throw new RegistryError('UNAUTHENTICATED', 'No profile has this token: it was removed, or is not of this server. Make a new one.')
  }

  function answer({ id, created, updated }: Omit<StoredProfile, 'content'>, content: ProfileContent): ProfileAnswer {
    const iso = (time: number) => new Date(time).toISOString()
    return { id, content, ignored: ignoredOf(content, choosable), created: iso(created), updated: iso(updated) }
  }

  async function recount() {
    countedAt = performance.now()
    try {
      count = await store.count()
    } catch (error) {
      trouble('counting profiles', error)
    }
  }

  void recount()
  return {
    of({ host, authorization }) {
      const everybodys = usual(host)
      if (!authorization) return everybodys
      const token = tokenOf(authorization)
      const profile = token === undefined ? undefined : holders.get(digestOf(token))
      return profile instanceof Promise ? profile.then(found => view(found, everybodys)) : view(profile, everybodys)
    },
    async create(body, { address, isOperator }) {
      const content = parseContent(contentOf(body), { choosable, known: isOperator ? choosable.ids : new Set() })
      if (!isOperator) await creations.take(address)
      const token = createToken()
      const now = Date.now()
      const profile: StoredProfile = {
        id: randomBytes(8).toString('hex'), token: digestOf(token), content: JSON.stringify(content), created: now, updated: now,
      }
      if (!await store.add(profile)) {
        throw new RegistryError('FORBIDDEN', `This server keeps ${mostProfiles} profiles, and there are as many already. Remove one that you do not use, or ask its operator.`)
      }
      count++
      holders.changed(profile.token, profile)
      return { ...answer(profile, content), token }
    },
    async read(asker) {
      const stored = await open(asker)
      return answer(stored, JSON.parse(stored.content) as ProfileContent)
    },
    async change(asker, patch) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const stored = await open(asker)
        if (attempt === 0) await changes.take(asker.address)
        const before = JSON.parse(stored.content) as ProfileContent
        const content = parseContent(contentOf(mergePatch({ content: before }, patch)), { choosable, known: idsIn(before) })
        const changed: StoredProfile = { ...stored, content: JSON.stringify(content), updated: Date.now() }
        if (!await store.replace(stored, changed.content, changed.updated)) continue
        holders.changed(stored.token, changed)
        return answer(changed, content)
      }
      throw new RegistryError('RATE_LIMITED', 'This profile is being changed by others all the time; try again in a moment.', { retryAfter: 1 })
    },
    async remove(asker) {
      const { token } = await open(asker)
      if (await store.remove(token)) count--
      holders.changed(token, undefined)
    },
    async asked(asker, body) {
      // What a holder's profile names already may be tried with the rest of it.
      const stored = asker.authorization === undefined ? undefined : await open(asker)
      const known = stored ? idsIn(JSON.parse(stored.content) as ProfileContent) : new Set<string>()
      const content = parseContent(contentOf(body), { choosable, known })
      await trials.take(asker.address)
      return askedOf(content, choosable)
    },
    options() {
      const { registries, strategy, tarballs } = config
      return {
        authorities: choosable.groups.filter(({ isPrivate }) => !isPrivate).map(({ authority, sources }) => ({
          id: authority,
          sources: registries.filter(({ id }) => sources.includes(id))
            .map(({ id, role, of }) => ({ id, role, ...(of !== undefined && { of }) })),
        })),
        strategies: [...STRATEGIES],
        tarballs: [...TARBALL_MODES],
        defaults: { strategy, tarballs },
      }
    },
    count() {
      if (performance.now() - countedAt > COUNT_AGE) void recount()
      return count
    },
  }
}

/** Who had an id in a profile may keep it there, also when it is private to operators or gone. */
function idsIn(content: ProfileContent): Set<string> {
  const wishes = [content, ...Object.values(content.scopes ?? {})]
  return new Set([...wishes.flatMap(({ mirrors = [], disabled = [] }) => [...mirrors, ...disabled]), ...content.keys ?? []])
}

/** What a body holds: `{ "content": { … } }` and nothing else. */
function contentOf(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new RegistryError('BAD_REQUEST', 'The body must be an object with "content".')
  const stranger = Object.keys(body).find(key => key !== 'content')
  if (stranger !== undefined) throw new RegistryError('BAD_REQUEST', `${JSON.stringify(stranger.slice(0, 100))} is an unknown key. The body is an object with "content" only.`)
  return 'content' in body ? body.content : undefined
}
