import { and, desc, eq, gte, inArray, lt, or, sql, type SQL } from 'drizzle-orm'
import { percentEncode } from '../../shared/record/percent.ts'
import { parsePurl, parseRecord, type PackageSubject, type TagsRecord, type VersionRecord, type VersionSubject } from '../../shared/record/index.ts'
import { tables, type Database } from '../database/index.ts'
import { packagePurl } from './draft.ts'
import type { ListQuery, NamesQuery, RecordedTags, RecordedVersion } from './types.ts'

const { records, packages, checkpoints } = tables

/** What is stored, whether it is public yet or not: the log decides how much of it anyone sees. */
export interface Reader {
  version(subject: VersionSubject): Promise<RecordedVersion | undefined>
  versions(subject: PackageSubject): Promise<Map<string, RecordedVersion>>
  /** The last ones before an index. */
  tags(subject: PackageSubject, before: number): Promise<RecordedTags | undefined>
  withdrawn(subject: PackageSubject, before: number): Promise<Set<string>>
  texts(from: number, to: number): Promise<string[]>
  list(query: ListQuery & { before: number }): Promise<{ index: number, text: string }[]>
  names(query: NamesQuery & { before: number }): Promise<PackageSubject[]>
  /** Of the checkpoints with sizes [from, to). */
  sizeOfRoot(root: Uint8Array, from: number, to: number): Promise<number | undefined>
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
  const ofPackage = and(
    isOther, eq(records.package, orm.select({ id: packages.id }).from(packages).where(eq(packages.purl, sql.placeholder('purl')))),
    lt(records.index, sql.placeholder('before')),
  )
  // Equal but for their place, they stand in their order in the index: the last one is found without sorting.
  const lastTags = orm.select(stored).from(records)
    .where(and(ofPackage, sql`${records.version} IS NULL AND ${records.kind} = 'tags' AND ${records.key} IS NULL`))
    .orderBy(desc(records.index)).limit(1)
    .prepare()
  const withdrawnVersions = orm.select({ version: records.version }).from(records)
    .where(and(ofPackage, sql`${records.version} IS NOT NULL AND ${records.kind} = 'withdrawn'`))
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
    async tags(subject, before) {
      const [row] = await lastTags.all({ purl: packagePurl(subject), before })
      return row && { index: row.index, record: tagsRecord(row.text) }
    },
    async withdrawn(subject, before) {
      const rows = await withdrawnVersions.all({ purl: packagePurl(subject), before })
      return new Set(rows.map(({ version }) => version!))
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
    async names({ prefix, isWhole = false, limit, before }) {
      const rows = await orm.select({ purl: packages.purl }).from(packages)
        .where(and(isWhole ? isCalled(prefix) : beginsWith(prefix), hasRecord(before))).orderBy(packages.purl).limit(limit).all()
      return rows.map(({ purl }) => parsePurl(purl))
    },
    async sizeOfRoot(root, from, to) {
      const [row] = await orm.select({ size: checkpoints.size }).from(checkpoints)
        .where(and(gte(checkpoints.size, from), lt(checkpoints.size, to), eq(checkpoints.root, Buffer.from(root))))
        .orderBy(desc(checkpoints.size)).limit(1).all()
      return row?.size
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

/** Packages of every authority with exactly this name. */
function isCalled(name: string): SQL {
  const purl = packagePurl({ name })
  // Behind the name stands nothing, or `?` and the namespace.
  return sql`(${packages.purl} = ${purl} OR (${packages.purl} >= ${`${purl}?`} AND ${packages.purl} < ${`${purl}@`}))`
}

/** What is about to become public is nobody's yet. */
function hasRecord(before: number): SQL {
  return sql`EXISTS (SELECT 1 FROM ${records} WHERE ${records.package} = ${packages.id} AND kind = 'version' AND ${records.index} < ${before})`
}

function recordedVersion(index: number, text: string): RecordedVersion {
  let record: VersionRecord | undefined
  return {
    index,
    integrity: valueIn(text, 'integrity'),
    get manifest() {
      return valueIn(text, 'manifest')
    },
    get record() {
      return record ??= versionRecord(text)
    },
  }
}

/** The value of a line that every version's record has. */
function valueIn(text: string, key: string): string {
  const start = text.indexOf(`\n${key} `) + key.length + 2
  return text.slice(start, text.indexOf('\n', start))
}

function versionRecord(text: string): VersionRecord {
  const record = parseRecord(text)
  if (record.kind !== 'version') throw new Error(`A ${record.kind} record is filed as a version`)
  return record
}

function tagsRecord(text: string): TagsRecord {
  const record = parseRecord(text)
  if (record.kind !== 'tags') throw new Error(`A ${record.kind} record is filed as tags`)
  return record
}
