import { createHash, timingSafeEqual } from 'node:crypto'
import { RegistryError } from '../errors.ts'
import { createClientLimit } from '../http/index.ts'

/** Wrong tokens that one client may send in {@link PERIOD}. */
const TRIES = 10
/** Seconds. */
const PERIOD = 60

/** Knows operators by `Authorization: Bearer <NUXT_ADMIN_TOKEN>`. */
export interface Operators {
  /**
   * @param authorization the header's value
   * @param address the client's, for counting wrong tokens
   * @throws RegistryError `FORBIDDEN` if this server has no token, `UNAUTHENTICATED`, `RATE_LIMITED` after too many wrong ones
   */
  require(authorization: string | undefined, address: string | undefined): Promise<void>
}

/** @param token `NUXT_ADMIN_TOKEN`, if it is set */
export function createOperators(token: string | undefined): Operators {
  const expected = token === undefined ? undefined : digestOf(token)
  const limit = createClientLimit({ points: TRIES, period: PERIOD, tooMany: `More than ${TRIES} wrong operator tokens a minute were sent` })
  return {
    async require(authorization, address) {
      if (!expected) {
        throw new RegistryError('FORBIDDEN', 'This server has no operator token, so nobody may do this. Set NUXT_ADMIN_TOKEN and start it again.')
      }
      const given = tokenOf(authorization)
      if (given === undefined) {
        throw new RegistryError('UNAUTHENTICATED', 'Only operators may do this: send "Authorization: Bearer" with the value of NUXT_ADMIN_TOKEN.')
      }
      // Digests are of one length, and who measures the comparison learns nothing about the token.
      if (timingSafeEqual(digestOf(given), expected)) return limit.check(address)
      await limit.take(address)
      throw new RegistryError('UNAUTHENTICATED', 'This is not the operator token of this server. It is the value of NUXT_ADMIN_TOKEN.')
    },
  }
}

function tokenOf(authorization: string | undefined): string | undefined {
  // SPEC: RFC 9110 11.1: the scheme's case does not count.
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
