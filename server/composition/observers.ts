import { messageOf, RegistryError } from '../errors.ts'
import type { IncidentReport } from '../incidents/index.ts'
import type { Metrics, RequestLog } from '../observe/index.ts'
import type { PackumentObserver } from '../packument/index.ts'
import type { Routes } from '../registry/index.ts'
import type { VerifyObserver } from '../verify/index.ts'

/** What the rooms tell: counted, and written to the request log without what is private. */
export interface Observers {
  /** A failure that no client needed to know of, and the package it was about. */
  trouble(what: string, error: unknown, name?: string): void
  verify: VerifyObserver
  packuments: PackumentObserver
  incident(report: IncidentReport): void
}

/** Names in one line of the log. */
const MOST_SHOWN = 20

export function createObservers(routes: Routes, metrics: Metrics, { logger }: RequestLog): Observers {
  const shown = <T extends object>(name: string, about: T): T | undefined => routes.isPrivate(name) ? undefined : about

  function trouble(what: string, error: unknown, name?: string) {
    metrics.trouble.inc()
    const isPrivate = name !== undefined && routes.isPrivate(name)
    // The sentences of our own errors name the package they are about.
    const sentence = isPrivate && error instanceof RegistryError ? error.code : messageOf(error)
    logger.warn({ trouble: what, ...(!isPrivate && { package: name }), error: sentence })
  }

  return {
    trouble,
    verify: {
      recorded: (evidence, count) => metrics.recordedVersions.inc({ evidence }, count),
      withheld: (code, count) => metrics.withheld.inc({ code }, count),
      noted(kind, sentence, name, count) {
        metrics.noted.inc({ kind }, count)
        logger.warn({ noted: kind, versions: count, ...shown(name, { package: name, sentence }) })
      },
      mirrorOnly({ id }, name, versions) {
        metrics.mirrorOnly.inc({ registry: id }, versions.length)
        const about = shown(name, { mirror: id, package: name, unrecorded: versions.slice(0, MOST_SHOWN) })
        if (about) logger.warn(about)
      },
      trouble,
    },
    packuments: {
      served: tier => metrics.cache.add(tier),
      joined: () => metrics.joins.inc({ work: 'packument' }),
      dropped({ id }, name, dropped) {
        metrics.dropped.inc({ registry: id }, dropped.length)
        logger.warn({ upstream: id, ...shown(name, { package: name }), dropped: dropped.slice(0, MOST_SHOWN) })
      },
      trouble,
    },
    incident({ kind, subject, source, sentence, isPrivate }) {
      metrics.incidents.inc({ kind })
      logger.error({ incident: kind, ...(!isPrivate && { subject, source, sentence }) })
    },
  }
}
