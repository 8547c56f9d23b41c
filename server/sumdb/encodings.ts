import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'

const memo = new LRUCache<string, boolean>({ max: 1_000 })
/** Clients' headers are a fourth of this; longer ones would fill the memory with what nobody sends twice. */
const LONGEST_KEY = 256

/** Whether a client reads gzip at least as gladly as plain bytes. */
export function acceptsGzip(encodings: string | undefined): boolean {
  if (!encodings) return false
  const known = memo.get(encodings)
  if (known !== undefined) return known
  const accepts = new Negotiator({ headers: { 'accept-encoding': encodings } }).encoding(['gzip', 'identity']) === 'gzip'
  if (encodings.length <= LONGEST_KEY) memo.set(encodings, accepts)
  return accepts
}
