import { LRUCache } from 'lru-cache'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import { createSingleFlight } from '../single-flight.ts'
import type { Upstream } from './request.ts'

/** Whether a source has a version's tarball at its conventional place: nobody is sent to what is not there. */
export interface Presence {
  /** What is known; undefined: it has to be asked. */
  known(registry: RegistryConfig, name: string, version: string): boolean | undefined
  /** Asks, once for everybody. Never rejects: a source that cannot say does not have it for now. */
  ask(registry: RegistryConfig, name: string, version: string): Promise<boolean>
}

interface PresenceOptions {
  upstream(registry: RegistryConfig): Upstream
  /** Where a registry keeps a version's tarball: a URL. */
  urlOf(registry: RegistryConfig, name: string, version: string): string
  /** Told of a failure that is not the source's. */
  trouble(what: string, error: unknown, name: string): void
  /** Milliseconds. */
  clock?: () => number
}

/** Answers that are remembered. */
const MOST = 100_000
/** A published tarball stays where it is… */
const PRESENT = 24 * 60 * 60_000
/** …one that a mirror lacks may come any minute… */
const ABSENT = 5 * 60_000
/** …and a source that did not say may say it the next moment. */
const UNKNOWN = 5_000
/** Somebody waits for it. */
const TIMEOUT = 1_500

interface Answer {
  isThere: boolean
  until: number
}

export function createPresence({ upstream, urlOf, trouble, clock = Date.now }: PresenceOptions): Presence {
  const answers = new LRUCache<string, Answer>({ max: MOST })
  const flights = createSingleFlight<boolean>()
  const keyOf = ({ id }: RegistryConfig, name: string, version: string) => `${id} ${name}@${version}`

  function known(key: string): boolean | undefined {
    const answer = answers.get(key)
    return answer && clock() < answer.until ? answer.isThere : undefined
  }

  function note(key: string, isThere: boolean, time: number): boolean {
    answers.set(key, { isThere, until: clock() + time })
    return isThere
  }

  return {
    known: (registry, name, version) => known(keyOf(registry, name, version)),
    ask(registry, name, version) {
      const key = keyOf(registry, name, version)
      return flights.run(key, async () => {
        try {
          const response = await upstream(registry).request({
            url: urlOf(registry, name, version), method: 'HEAD', signal: AbortSignal.timeout(TIMEOUT),
          })
          await response.body.dump()
          const { status, headers } = response
          // A captive portal has everything.
          const isPage = String(headers['content-type']).startsWith('text/html')
          if (status === 200 && !isPage) return note(key, true, PRESENT)
          if (status < 500 && status !== 429) return note(key, false, ABSENT)
        } catch (error) {
          if (!(error instanceof RegistryError)) trouble(`asking "${registry.id}" for a tarball`, error, name)
        }
        // That it is out of reach does not take away what it has.
        return known(key) ?? note(key, false, UNKNOWN)
      })
    },
  }
}
