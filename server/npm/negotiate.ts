import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'
import { ENCODINGS, type Encoding } from '../packument/index.ts'

export const CORGI = 'application/vnd.npm.install-v1+json'
export const JSON_TYPE = 'application/json'

/** What a client can read, from three of its headers. */
export interface Preferences {
  form: 'full' | 'corgi'
  encoding: Encoding
  family: ClientFamily
}

/**
 * Clients by which tarball URL keeps their lockfile free of us. pnpm and Yarn Berry write no URL when it is the registry's
 * own conventional one; all others write what the packument says, and npm rewrites its default host when it fetches.
 */
export type ClientFamily = 'conventional' | 'verbatim'

/** The headers that decide, and what they decided. */
interface Negotiated {
  accept: string
  encodings: string
  agent: string
  preferences: Preferences
}

const memo = new LRUCache<string, Negotiated>({ max: 5_000 })
/** Clients' headers are a fourth of this; longer ones would fill the memory with what nobody sends twice. */
const LONGEST_KEY = 1_024
/** One install sends the same three headers hundreds of times in a row. */
let last: Negotiated | undefined

/** Reads `accept`, `accept-encoding` and `user-agent`. No `accept` at all means the full document, as HTTP says. */
export function negotiate(headers: { 'accept'?: string, 'accept-encoding'?: string, 'user-agent'?: string }): Preferences {
  const { accept = '', 'accept-encoding': encodings = '', 'user-agent': agent = '' } = headers
  if (last && last.accept === accept && last.encodings === encodings && last.agent === agent) return last.preferences
  const key = `${accept}\n${encodings}\n${agent}`
  const negotiated = memo.get(key) ?? { accept, encodings, agent, preferences: decide(accept, encodings, agent) }
  if (key.length <= LONGEST_KEY) {
    memo.set(key, negotiated)
    last = negotiated
  }
  return negotiated.preferences
}

function decide(accept: string, encodings: string, agent: string): Preferences {
  const negotiator: OrderedNegotiator = new Negotiator({ headers: { ...(accept && { accept }), 'accept-encoding': encodings } })
  return {
    form: negotiator.mediaType([JSON_TYPE, CORGI]) === CORGI ? 'corgi' : 'full',
    encoding: (negotiator.encodings([...ENCODINGS], { preferred: [...ENCODINGS] })[0] ?? 'identity') as Encoding,
    family: familyOf(agent, accept),
  }
}

/** What version 1 of the library can do and its types do not say: among equals, our order decides. */
export interface OrderedNegotiator extends Negotiator {
  encodings(available?: string[], options?: { preferred: string[] }): string[]
}

function familyOf(agent: string, accept: string): ClientFamily {
  // Yarn Berry names only its HTTP library, and sends no `accept`.
  return /(?:^|\s)pnpm\//.test(agent) || agent.startsWith('got (') || accept === '' ? 'conventional' : 'verbatim'
}
