import ipaddr from 'ipaddr.js'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { RegistryError } from '../errors.ts'

/** What one client may make this server fetch, verify and record in {@link PERIOD}. */
const POINTS = 600
/** Seconds. */
const PERIOD = 60

/** Counts what clients cause beyond reading what is there. */
export interface ClientLimit {
  /** @throws RegistryError `RATE_LIMITED` */
  take(address: string | undefined): Promise<void>
}

export function createClientLimit(points = POINTS): ClientLimit {
  const limiter = new RateLimiterMemory({ points, duration: PERIOD })
  return {
    async take(address) {
      try {
        await limiter.consume(clientOf(address))
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        const retryAfter = Math.ceil(refused.msBeforeNext / 1000)
        throw new RegistryError(
          'RATE_LIMITED', `More than ${points} new records a minute were asked for from your address; try again in ${retryAfter} seconds.`, { retryAfter },
        )
      }
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
