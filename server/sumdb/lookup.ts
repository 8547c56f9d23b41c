import { LRUCache } from 'lru-cache'
import { formatRecord } from '../../shared/record/index.ts'
import { formatTlogProof, proveInclusion, type Hash } from '../../shared/tlog/index.ts'
import { RegistryError } from '../errors.ts'
import type { About, ClientLimit, HttpRequest, HttpResponse } from '../http/index.ts'
import type { RecordedVersion, SignedHead } from '../log/types.ts'
import { createSingleFlight } from '../single-flight.ts'
import { FOR_A_MINUTE, text } from './answers.ts'
import type { Target } from './path.ts'
import type { SumdbServices } from './types.ts'

type LookupTarget = Extract<Target, { route: 'lookup' | 'proof' | 'go-lookup' }>

export interface Lookups {
  /** @throws RegistryError those of `recordVersion`, `RATE_LIMITED` */
  answer(target: LookupTarget, request: HttpRequest, about: About): Promise<HttpResponse>
}

export const NOT_FOR_GO = 'This log is not signed for Go\'s clients here.'

/** A record and where it is. */
interface Found {
  index: number
  text: string
}

/** Memory for records that were looked up, in bytes. */
const KNOWN_BYTES = 8 * 1024 * 1024
const OVERHEAD = 200
/** Proofs that are kept, of about a kilobyte each: a tree of one size has one for each record. */
const KEPT_PROOFS = 2_000

/** Versions by name. What is not recorded yet is recorded first, so that a lookup's answer holds for everybody who asks later. */
export function createLookups(services: SumdbServices, limit: ClientLimit): Lookups {
  const { log, subjectOf, isOpen, recordVersion, isPrivate } = services
  // A version's record stands for ever.
  const known = new LRUCache<string, Found>({
    maxSize: KNOWN_BYTES, sizeCalculation: ({ text }, key) => OVERHEAD + key.length + text.length,
  })
  const proofs = new LRUCache<string, Hash[]>({ max: KEPT_PROOFS })
  const misses = createSingleFlight<RecordedVersion>()

  async function find(name: string, version: string, request: HttpRequest, about: About): Promise<Found> {
    const key = `${name}@${version}`
    const remembered = known.get(key)
    if (remembered) {
      about.tier = 'memory'
      return remembered
    }
    // Nobody has registries asked as often as they like.
    const isAsked = isOpen(name)
    if (isAsked) await limit.take(request.socket.remoteAddress)
    let recorded = await log.findVersion(await subjectOf(name, version))
    about.tier = 'disk'
    if (!recorded) {
      if (!isAsked) await limit.take(request.socket.remoteAddress)
      about.tier = 'recorded'
      recorded = await misses.run(key, () => recordVersion(name, version))
    }
    const found = { index: recorded.index, text: formatRecord(recorded.record) }
    // Whose the name is may be another registry's tomorrow, or more than one's.
    if (!isAsked) known.set(key, found)
    return found
  }

  return {
    async answer({ route, name, version }, request, about) {
      if (isPrivate(name)) throw new RegistryError('NOT_FOUND', 'This name is private to the operator of this server: it is in no public log.')
      const found = await find(name, version, request, about)
      const head = await log.head()
      // SPEC: Go's client refuses a record that is not in the tree of the same answer.
      if (found.index >= head.size) {
        throw new RegistryError('LOG_UNAVAILABLE', 'The record is not yet in a published checkpoint; try again in a moment.', { retryAfter: 1 })
      }
      if (route === 'proof') return text(await prove(found.index, head), FOR_A_MINUTE, about)
      const note = route === 'lookup' ? head.checkpoint : head.goNote
      if (note === undefined) throw new RegistryError('NOT_FOUND', NOT_FOR_GO)
      return text(`${found.index}\n${found.text}\n${note}`, FOR_A_MINUTE, about)
    },
  }

  async function prove(index: number, { size, checkpoint }: SignedHead): Promise<string> {
    const key = `${index} ${size}`
    let hashes = proofs.get(key)
    if (!hashes) {
      hashes = await proveInclusion(index, size, log.hashes(size))
      proofs.set(key, hashes)
    }
    return formatTlogProof({ index, hashes, checkpoint })
  }
}
