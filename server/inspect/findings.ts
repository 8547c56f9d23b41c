import { and, eq, gte, lt, ne } from 'drizzle-orm'
import { formatPurl, parsePurl, type PackageSubject, type VersionSubject } from '../../shared/record/index.ts'
import { tables, type Database } from '../database/index.ts'
import type { Finding } from './types.ts'

const { inspections } = tables

/** What was found inside tarballs, and which digest they had. */
export interface Findings {
  /** What was found in the version with this digest; undefined: nobody looked yet. */
  of(subject: VersionSubject, integrity: string): Promise<Finding[] | undefined>
  /** Versions of a package in which something was found. Costs nothing as long as nothing was found anywhere. */
  ofPackage(subject: PackageSubject): Promise<Map<string, { integrity: string, findings: Finding[] }>>
  keep(subject: VersionSubject, integrity: string, findings: readonly Finding[]): Promise<void>
}

/** What another process found is noticed after this time (ms). */
const REFRESH_INTERVAL = 5_000
const NOTHING = '[]'

export function createFindings({ orm }: Database): Findings {
  const { subject: key, integrity: digest, findings: found } = inspections
  let isEmpty = true
  let checked = -Infinity

  async function hasAny(): Promise<boolean> {
    if (isEmpty && performance.now() - checked >= REFRESH_INTERVAL) {
      const [row] = await orm.select({ key }).from(inspections).where(ne(found, NOTHING)).limit(1).all()
      checked = performance.now()
      if (row) isEmpty = false
    }
    return !isEmpty
  }

  return {
    async of(subject, integrity) {
      const [row] = await orm.select({ found }).from(inspections)
        .where(and(eq(key, formatPurl(subject)), eq(digest, integrity))).all()
      return row && JSON.parse(row.found) as Finding[]
    },
    async ofPackage(subject) {
      const versions = new Map<string, { integrity: string, findings: Finding[] }>()
      if (!await hasAny()) return versions
      const purl = formatPurl({ name: subject.name })
      const rows = await orm.select({ key, digest, found }).from(inspections)
        // A range, so that the index applies: "A" comes after "@".
        .where(and(gte(key, `${purl}@`), lt(key, `${purl}A`), ne(found, NOTHING))).all()
      for (const row of rows) {
        const version = versionIn(row.key, subject)
        if (version !== undefined) versions.set(version, { integrity: row.digest, findings: JSON.parse(row.found) as Finding[] })
      }
      return versions
    },
    async keep(subject, integrity, findings) {
      const row = { integrity, findings: JSON.stringify(findings), inspected: Date.now() }
      await orm.insert(inspections).values({ subject: formatPurl(subject), ...row })
        .onConflictDoUpdate({ target: inspections.subject, set: row })
      if (findings.length > 0) isEmpty = false
    },
  }
}

/** Undefined for a version of another authority's package. */
function versionIn(purl: string, subject: PackageSubject): string | undefined {
  const found = parsePurl(purl)
  return 'version' in found && found.namespace === subject.namespace ? found.version : undefined
}
