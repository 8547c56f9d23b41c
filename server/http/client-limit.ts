import ipaddr from 'ipaddr.js'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { RegistryError } from '../errors.ts'

interface ClientLimitOptions {
  /** How often one client may, in `period` seconds. */
  points: number
  period: number
  /** What there was too much of, the beginning of a sentence: `More than 600 new records a minute were asked for`. */
  tooMany: string
}

/** Counts what clients cause, by their address. */
export interface ClientLimit {
  /** Counts one. @throws RegistryError `RATE_LIMITED` */
  take(address: string | undefined): Promise<void>
  /** Counts nothing. @throws RegistryError `RATE_LIMITED` where `take` would */
  check(address: string | undefined): Promise<void>
}

export function createClientLimit({ points, period, tooMany }: ClientLimitOptions): ClientLimit {
  const limiter = new RateLimiterMemory({ points, duration: period })

  function refuse({ msBeforeNext }: RateLimiterRes): never {
    const retryAfter = Math.max(1, Math.ceil(msBeforeNext / 1000))
    throw new RegistryError('RATE_LIMITED', `${tooMany} from your address; try again in ${retryAfter} seconds.`, { retryAfter })
  }

  return {
    async take(address) {
      try {
        await limiter.consume(clientOf(address))
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        refuse(refused)
      }
    },
    async check(address) {
      const used = await limiter.get(clientOf(address))
      if (used && used.consumedPoints >= points) refuse(used)
    },
  }
}

/** Who is counted as one: an IPv4 address, or the IPv6 network of 64 bits that one household or machine has to itself. */
function clientOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  return `${parsed.parts.slice(0, 4).map(part => part.toString(16)).join(':')}::/64`
}
