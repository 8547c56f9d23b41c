import { messageOf, RegistryError } from '../errors.ts'
import type { VersionSummary } from '../packument/index.ts'
import type { Upstream } from '../registry/index.ts'
import type { Tarballs } from '../tarball/index.ts'
import { tarballSource } from './source.ts'

export interface Unhashed {
  version: string
  summary: VersionSummary
}

/** Finds the sha512 of versions whose registry does not give one and nothing else. */
export interface Digests {
  /**
   * Of each version its sha512, or why there is none now. The bytes come from the store or from the authority, which has to send
   * what its own, perhaps weaker digest stands for: with a weak one, a mirror that delivers could also choose what.
   */
  find(name: string, wanted: readonly Unhashed[], upstream: Upstream): Promise<Map<string, string | RegistryError>>
}

interface DigestsOptions {
  downloads: Tarballs['downloads']
  trouble(what: string, error: unknown, name: string): void
  /** Told of every version whose bytes came, with their sha512. */
  arrived?(name: string, version: string, integrity: string, upstream: Upstream): void
}

/** Downloads of one package at a time. */
const AT_ONCE = 8
/** Nobody waits longer than this (ms) for a package; what is on its way by then is in the store when somebody looks again. */
const PATIENCE = 10_000

export function createDigests({ downloads, trouble, arrived }: DigestsOptions): Digests {
  async function findOne(name: string, { version, summary }: Unhashed, upstream: Upstream): Promise<string | RegistryError> {
    const what = `${name}@${version}`
    const failed = (error: RegistryError) => trouble(`fetching a tarball from "${upstream.registry.id}"`, error, name)
    try {
      const source = tarballSource({ upstream, url: summary.tarball, what, isAuthority: true, failed })
      const { integrity } = await downloads.fetch(summary.integrity, [source], what).done
      arrived?.(name, version, integrity, upstream)
      return integrity
    } catch (error) {
      return error instanceof RegistryError ? error : new RegistryError('INTERNAL', messageOf(error), { cause: error })
    }
  }

  return {
    async find(name, wanted, upstream) {
      if (wanted.length === 0) return new Map()
      const found = new Map<string, string | RegistryError>()
      const queue = [...wanted]
      const work = async () => {
        for (let next = queue.shift(); next; next = queue.shift()) found.set(next.version, await findOne(name, next, upstream))
      }
      let timer: NodeJS.Timeout | undefined
      const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, PATIENCE).unref()
      })
      await Promise.race([patience, Promise.all(Array.from({ length: AT_ONCE }, work))])
      clearTimeout(timer)
      // Nothing more is begun.
      queue.length = 0
      const late = new RegistryError('UPSTREAM_UNAVAILABLE', `Registry "${upstream.registry.id}" did not send the bytes in time.`)
      return new Map(wanted.map(({ version }) => [version, found.get(version) ?? late]))
    },
  }
}
