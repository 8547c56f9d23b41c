import { LRUCache } from 'lru-cache'
import { formatPurl } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import type { IncidentReport, Incidents } from '../incidents/index.ts'
import { label } from '../registry/index.ts'
import type { Look, Refusals, Rule, VerifyObserver } from './types.ts'

interface ForeignHostsOptions {
  /** All that are configured. */
  registries: readonly RegistryConfig[]
  incidents: Pick<Incidents, 'report'>
  observer: Pick<VerifyObserver, 'trouble'>
}

const NONE: Refusals = new Map()
/** Packages whose hosts were reported lately. */
const MAX_REPORTED = 10_000
/** A registry that names another host for every version must not fill the database. */
const MOST_PER_PACKAGE = 10
const LONGEST_URL = 500

/**
 * An authority's document names tarballs at registries that are configured. Another host is an incident, once for each package
 * and host; the version is served all the same, from our own URL: nobody is sent there.
 */
export function createForeignHosts({ registries, incidents, observer }: ForeignHostsOptions): Rule {
  const configured = new Set(registries.map(({ url }) => new URL(url).host))
  const reported = new LRUCache<string, Set<string>>({ max: MAX_REPORTED })

  /** The host of a tarball, if no registry lives there. */
  function foreignHost(tarball: string, { url }: RegistryConfig): string | undefined {
    if (!URL.canParse(tarball, url)) return 'no URL'
    const { protocol, host } = new URL(tarball, url)
    if (protocol !== 'http:' && protocol !== 'https:') return protocol
    return configured.has(host) ? undefined : host
  }

  function foreignHosts({ open, upstream: { registry } }: Look): Map<string, { version: string, tarball: string }> {
    const own = `${new URL(registry.url).origin}/`
    const found = new Map<string, { version: string, tarball: string }>()
    for (const [version, { tarball }] of open) {
      if (tarball.startsWith(own)) continue
      const host = foreignHost(tarball, registry)
      if (host !== undefined && !found.has(host)) found.set(host, { version, tarball })
    }
    return found
  }

  return async (look) => {
    const { name, upstream: { registry } } = look
    const found = foreignHosts(look)
    if (found.size === 0) return NONE
    const key = `${registry.id} ${name}`
    const known = reported.get(key) ?? new Set<string>()
    const fresh = [...found].filter(([host]) => !known.has(host)).slice(0, Math.max(0, MOST_PER_PACKAGE - known.size))
    if (fresh.length === 0) return NONE
    try {
      await incidents.report(fresh.map(([host, { version, tarball }]) => reportOf(look, host, version, tarball)))
      reported.set(key, new Set([...known, ...fresh.map(([host]) => host)]))
    } catch (error) {
      observer.trouble('reporting a tarball at a foreign host', error, name)
    }
    return NONE
  }
}

function reportOf(look: Look, host: string, version: string, url: string): IncidentReport {
  const { name, subject, isPrivate, upstream: { registry } } = look
  const purl = formatPurl(subject)
  const tarball = url.slice(0, LONGEST_URL)
  return {
    kind: 'foreign-host', cause: `foreign-host ${purl} ${host} ${registry.id}`, subject: purl, source: registry.id, isPrivate,
    sentence: `Registry ${label(registry)} says that the tarball of ${name}@${version} is at ${JSON.stringify(host.slice(0, 100))}, `
      + 'where no configured registry lives. Nobody is sent there.',
    evidence: {
      claimed: { tarball },
      details: { version, host },
      asked: { source: registry.id, registry: registry.url, at: new Date().toISOString() },
    },
  }
}
