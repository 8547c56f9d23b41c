import { and, desc, eq, gte, inArray, lt, or, sql, type SQL } from 'drizzle-orm'
import { percentEncode } from '../../shared/record/percent.ts'
import { parseRecord, type PackageSubject, type VersionRecord, type VersionSubject } from '../../shared/record/index.ts'
import { tables, type Database } from '../database/index.ts'
import { packagePurl } from './draft.ts'
import type { ListQuery, RecordedVersion } from './types.ts'

const { records, packages, checkpoints } = tables

/** What is stored, whether it is public yet or not: the log decides how much of it anyone sees. */
export interface Reader {
  version(subject: VersionSubject): Promise<RecordedVersion | undefined>
  versions(subject: PackageSubject): Promise<Map<string, RecordedVersion>>
  texts(from: number, to: number): Promise<string[]>
  list(query: ListQuery & { before: number }): Promise<{ index: number, text: string }[]>
  checkpoints(before: number, limit: number): Promise<{ size: number, recorded: number, note: string | null }[]>
}

/** So many packages are looked up one by one. */
const FEW_PACKAGES = 500

export function createReader({ orm }: Database): Reader {
  const stored = { index: records.index, version: records.version, text: records.text }
  // Written out, not as parameters: only so do the partial indexes apply.
  const isVersion = sql`${records.kind} = 'version'`
  const isOther = sql`${records.kind} <> 'version'`
  const versionsOfPackage = orm.select(stored).from(records)
    .innerJoin(packages, eq(packages.id, records.package))
    .where(and(isVersion, eq(packages.purl, sql.placeholder('purl'))))
    .prepare()
  const oneVersion = orm.select(stored).from(records)
    .innerJoin(packages, eq(packages.id, records.package))
    .where(and(isVersion, eq(packages.purl, sql.placeholder('purl')), eq(records.version, sql.placeholder('version'))))
    .prepare()
  const range = orm.select({ text: records.text }).from(records)
    .where(and(gte(records.index, sql.placeholder('from')), lt(records.index, sql.placeholder('to'))))
    .orderBy(records.index)
    .prepare()

  /** By the indexes, which know versions and other records apart. */
  function ofFew(ids: number[]): SQL {
    const few = inArray(records.package, ids)
    return or(and(isVersion, few), and(isOther, few))!
  }

  /** Among the newest records some of many packages are found soon. */
  function ofMany(named: SQL): SQL {
    return inArray(records.package, orm.select({ id: packages.id }).from(packages).where(named))
  }

  return {
    async version(subject) {
      const [row] = await oneVersion.all({ purl: packagePurl(subject), version: subject.version })
      return row && recordedVersion(row.index, row.text)
    },
    async versions(subject) {
      const rows = await versionsOfPackage.all({ purl: packagePurl(subject) })
      return new Map(rows.map(({ index, version, text }) => [version!, recordedVersion(index, text)]))
    },
    async texts(from, to) {
      return (await range.all({ from, to })).map(({ text }) => text)
    },
    async list({ before, limit, kind, package: subject, prefix }) {
      const conditions: SQL[] = [lt(records.index, before)]
      if (kind) conditions.push(kind === 'version' ? isVersion : and(isOther, eq(records.kind, kind))!)
      const named = subject ? eq(packages.purl, packagePurl(subject)) : prefix === undefined ? undefined : beginsWith(prefix)
      if (named) {
        const found = await orm.select({ id: packages.id }).from(packages).where(named).limit(FEW_PACKAGES + 1).all()
        conditions.push(found.length > FEW_PACKAGES ? ofMany(named) : ofFew(found.map(({ id }) => id)))
      }
      return orm.select({ index: records.index, text: records.text }).from(records)
        .where(and(...conditions)).orderBy(desc(records.index)).limit(limit).all()
    },
    checkpoints: (before, limit) => orm.select({ size: checkpoints.size, recorded: checkpoints.recorded, note: checkpoints.note })
      .from(checkpoints).where(lt(checkpoints.size, before)).orderBy(desc(checkpoints.size)).limit(limit).all(),
  }
}

/** Packages of every authority whose name begins so; a range, so that the index on package URLs applies. */
function beginsWith(prefix: string): SQL {
  // A package URL encodes each character on its own, so it begins like the name.
  const start = `pkg:npm/${prefix.split('/').map(percentEncode).join('/')}`
  return sql`${packages.purl} >= ${start} AND ${packages.purl} < ${`${start}\u{10ffff}`}`
}

const INTEGRITY = '\nintegrity '

function recordedVersion(index: number, text: string): RecordedVersion {
  let record: VersionRecord | undefined
  const start = text.indexOf(INTEGRITY) + INTEGRITY.length
  return {
    index,
    integrity: text.slice(start, text.indexOf('\n', start)),
    get record() {
      return record ??= versionRecord(text)
    },
  }
}

function versionRecord(text: string): VersionRecord {
  const record = parseRecord(text)
  if (record.kind !== 'version') throw new Error(`A ${record.kind} record is filed as a version`)
  return record
}
