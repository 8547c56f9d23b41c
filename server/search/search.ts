import { parseRecord, type LogRecord, type VersionSubject } from '../../shared/record/index.ts'
import { detect, LONGEST_SEARCH, type Meaning } from '../../shared/search/index.ts'
import { decodeBase64 } from '../../shared/tlog/index.ts'
import type { SearchAnswer, SearchFind, SearchNames } from '../../shared/types/search.ts'
import { badRequest, readQuery } from '../http/index.ts'
import type { Incidents } from '../incidents/index.ts'
import type { Log } from '../log/index.ts'
import type { Routes } from '../registry/index.ts'
import { createDigestIndex } from './digests.ts'
import { findLeaf } from './leaves.ts'

/** Finds what people paste. */
export interface Search {
  /** @throws RegistryError `BAD_REQUEST` */
  find(query: URLSearchParams, withPrivate: boolean): Promise<SearchAnswer>
  /** @throws RegistryError `BAD_REQUEST` */
  names(query: URLSearchParams): Promise<SearchNames>
}

interface SearchOptions {
  log: Log
  incidents: Pick<Incidents, 'find'>
  routes: Pick<Routes, 'authoritiesOf' | 'isPrivate'>
}

/** Names that are listed because they begin so. */
const MOST_NAMES = 20
const MOST_SUGGESTIONS = 8
/** Records of keys that are looked through, the newest first: one for each change of a registry's keys. */
const MOST_KEY_RECORDS = 200
const MOST_OF_A_DIGEST = 10

export function createSearch({ log, incidents, routes }: SearchOptions): Search {
  const digests = createDigestIndex(log)

  async function entry(why: Extract<SearchFind, { entry: unknown }>['why'], index: number): Promise<SearchFind[]> {
    const { size } = await log.head()
    const [text] = index < size ? await log.texts(index, index + 1) : []
    return text === undefined ? [] : [{ why, entry: { index, ...aboutOf(parseRecord(text)) } }]
  }

  /** For reading the log, nobody is asked whose a name is: it may be everyone's to whom it is routed. */
  function subjectsOf<T extends { name: string, namespace?: string }>({ namespace, ...subject }: T) {
    const namespaces = namespace === undefined ? routes.authoritiesOf(subject.name).map(one => one.namespace) : [namespace]
    return namespaces.map(one => ({ ...subject, ...(one !== log.defaultNamespace && { namespace: one }) }))
  }

  async function ofVersion(why: 'version' | 'tag', subject: VersionSubject): Promise<SearchFind[]> {
    const found = await log.findVersion(subject)
    return found ? [{ why, entry: { index: found.index, subject, kind: 'version' } }] : []
  }

  async function ofTag({ tag, ...subject }: Extract<Meaning, { kind: 'tag' }>): Promise<SearchFind[]> {
    const found = await Promise.all(subjectsOf({ name: subject.name, namespace: subject.namespace }).map(async (one) => {
      const tags = await log.tagsOf(one)
      const version = tags?.record.tags.find(({ name }) => name === tag)?.version
      return version === undefined ? [] : ofVersion('tag', { ...one, version })
    }))
    return found.flat()
  }

  async function ofPackage(name: string, namespace?: string): Promise<SearchFind[]> {
    const known = await log.names({ prefix: name, limit: MOST_NAMES, isWhole: true })
    return known.filter(one => namespace === undefined || (one.namespace ?? log.defaultNamespace) === namespace)
      .map(one => ({ why: 'name', name: one.name, namespace: one.namespace ?? null }))
  }

  async function ofHash(hash: string): Promise<SearchFind[]> {
    const bytes = decodeBase64(hash)
    const [size, leaf] = [await log.sizeOfRoot(bytes), await findLeaf(log, bytes)]
    return [
      ...(size === undefined ? [] : [{ why: 'root', size } as const]),
      ...(leaf === undefined ? [] : await entry('leaf', leaf)),
    ]
  }

  async function ofIntegrity(integrity: string): Promise<SearchFind[]> {
    const places = (await digests.find(integrity)).slice(0, MOST_OF_A_DIGEST)
    return (await Promise.all(places.map(place => entry('integrity', place)))).flat().map(find =>
      // A source claimed it, and it is not what stands.
      'entry' in find && find.entry.kind === 'conflict' ? { ...find, why: 'other' } : find)
  }

  async function ofKey(keyid: string): Promise<SearchFind[]> {
    const bare = keyid.replace(/=$/, '')
    for (const { index, text } of (await log.list({ kind: 'keys', limit: MOST_KEY_RECORDS })).entries) {
      const record = parseRecord(text)
      const has = record.kind === 'keys' && record.keys.some(key => key.keyid.replace(/=$/, '') === bare)
      if (has) return [{ why: 'key', entry: { index, ...aboutOf(record) } }]
    }
    return []
  }

  async function lookFor(meaning: Meaning, withPrivate: boolean): Promise<SearchFind[]> {
    switch (meaning.kind) {
      case 'package': return ofPackage(meaning.name, meaning.namespace)
      case 'version': {
        const { kind: _, ...subject } = meaning
        return (await Promise.all(subjectsOf(subject).map(one => ofVersion('version', one)))).flat()
      }
      case 'tag': return ofTag(meaning)
      case 'names': {
        const names = await log.names({ prefix: meaning.prefix, limit: MOST_NAMES + 1 })
        return names.map(({ name, namespace = null }) => ({ why: 'prefix', name, namespace }))
      }
      case 'integrity': return ofIntegrity(meaning.integrity)
      case 'hash': return ofHash(meaning.hash)
      case 'entry': return entry('index', meaning.index)
      case 'checkpoint': {
        const [found] = await log.checkpoints({ before: Math.min(meaning.size + 1, Number.MAX_SAFE_INTEGER), limit: 1 })
        return found?.size === meaning.size ? [{ why: 'size', size: found.size }] : []
      }
      case 'key': return ofKey(meaning.keyid)
      case 'incident': {
        const found = await incidents.find(meaning.id)
        return found && (withPrivate || !found.isPrivate) ? [{ why: 'incident', id: found.id, sentence: found.sentence }] : []
      }
    }
  }

  return {
    async find(query, withPrivate) {
      const { q = '' } = readQuery(query, ['q'])
      const { text, meanings, hint = null } = detect(q)
      const found = (await Promise.all(meanings.map(meaning => lookFor(meaning, withPrivate)))).flat()
      const named = new Set(found.map(find => find.why === 'name' ? find.name : undefined))
      const others = found.filter(find => !(find.why === 'prefix' && named.has(find.name)))
      const exact = others.filter(({ why }) => why !== 'prefix')
      const prefixes = others.filter(({ why }) => why === 'prefix')
      return {
        query: text,
        finds: [...exact, ...prefixes.slice(0, MOST_NAMES)],
        // A version is a version of its package too: who says which one means it.
        isExact: exact.length === 1,
        hasMore: prefixes.length > MOST_NAMES,
        tried: meanings.map(({ kind }) => kind),
        hint,
        unknown: exact.length === 0 ? unknownOf(meanings) : null,
      }
    },
    async names(query) {
      const { q = '' } = readQuery(query, ['q'])
      if (q.length > LONGEST_SEARCH) throw badRequest(`The parameter q must not be longer than ${LONGEST_SEARCH} characters.`)
      const { meanings } = detect(q)
      const prefix = meanings.find(meaning => meaning.kind === 'names')?.prefix
      const found = prefix === undefined ? [] : await log.names({ prefix, limit: MOST_SUGGESTIONS * 2 })
      return { names: [...new Set(found.map(({ name }) => name))].slice(0, MOST_SUGGESTIONS) }
    },
  }

  /** What its registry may know, although the log does not; a private name is not for the log to know. */
  function unknownOf(meanings: readonly Meaning[]): SearchAnswer['unknown'] {
    // What looks like a digest can be the name of a package, but hardly is.
    if (meanings.some(({ kind }) => kind === 'integrity' || kind === 'hash' || kind === 'key')) return null
    const meant = meanings.find(({ kind }) => kind === 'package' || kind === 'version' || kind === 'tag')
    if (!meant || !('name' in meant) || routes.isPrivate(meant.name)) return null
    return { name: meant.name, version: meant.kind === 'version' ? meant.version : null }
  }
}

function aboutOf(record: LogRecord) {
  return { kind: record.kind, subject: 'subject' in record ? record.subject : null }
}
