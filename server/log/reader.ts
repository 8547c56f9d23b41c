import { and, desc, eq, exists, gte, inArray, isNotNull, isNull, lt, or, sql, type SQL } from 'drizzle-orm'
import { percentDecode, percentEncode } from '../../shared/record/percent.ts'
import { parsePurl, parseRecord, type PackageSubject, type TagsRecord, type VersionRecord, type VersionSubject } from '../../shared/record/index.ts'
import { tables, type Database } from '../database/index.ts'
import { packagePurl } from './draft.ts'
import type { Listed, ListQuery, NamesQuery, RecordedTags, RecordedVersion } from './types.ts'

const { records, packages, checkpoints } = tables

interface ReaderQuery extends Omit<ListQuery, 'namespace'> {
  before: number
  /** Whose packages. Those of the default one have no namespace in their URL. */
  authority?: { namespace: string, isDefault: boolean }
}

/** What is stored, whether it is public yet or not: the log decides how much of it anyone sees. */
export interface Reader {
  version(subject: VersionSubject): Promise<RecordedVersion | undefined>
  versions(subject: PackageSubject): Promise<Map<string, RecordedVersion>>
  /** The last ones before an index. */
  tags(subject: PackageSubject, before: number): Promise<RecordedTags | undefined>
  withdrawn(subject: PackageSubject, before: number): Promise<Set<string>>
  texts(from: number, to: number): Promise<string[]>
  list(query: ReaderQuery): Promise<Listed>
  namespaces(): Promise<string[]>
  names(query: NamesQuery & { before: number }): Promise<PackageSubject[]>
  /** Of the checkpoints with sizes [from, to). */
  sizeOfRoot(root: Uint8Array, from: number, to: number): Promise<number | undefined>
  checkpoints(before: number, limit: number): Promise<{ size: number, recorded: number, note: string | null }[]>
}

/** So many packages are looked up one by one. */
const FEW_PACKAGES = 500
/** Where no index leads to what is asked for, so many records are looked at for one answer: some ten milliseconds. */
const SCANNED_AT_ONCE = 20_000
/** ASCII's own: no record has control characters but line feeds. */
const RECORD_SEPARATOR = '\u{1e}'
/** More authorities than a list of them would show. */
const MOST_NAMESPACES = 100
/** From one to the next in the index, whatever lies between. */
const allNamespaces = sql.raw(`
  WITH RECURSIVE found (name) AS (
    SELECT min(namespace) FROM records WHERE namespace IS NOT NULL
    UNION ALL SELECT (SELECT min(namespace) FROM records WHERE namespace > found.name) FROM found WHERE name IS NOT NULL
    LIMIT ${MOST_NAMESPACES}
  ) SELECT name FROM found WHERE name IS NOT NULL`)

export function createReader({ orm }: Database): Reader {
  const textAt = { index: records.index, text: records.text }
  const stored = { index: records.index, version: records.version, text: records.text }
  // Written out, not as parameters: only so do the partial indexes apply.
  const isVersion = sql`${records.kind} = 'version'`
  const isOther = sql`${records.kind} <> 'version'`
  const isUnsigned = sql`${records.evidence} <> 'signed'`
  // In one value: of a thousand versions the driver would take longer for the rows than the database for the rest.
  const versionsOfPackage = orm.select({ all: sql<string | null>`group_concat(${records.index} || ' ' || ${records.version} || char(10)
    || ${records.text}, ${RECORD_SEPARATOR})` }).from(records)
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

  /** Record by record; the plus keeps the index on packages out of it. */
  function ofMany(named: SQL): SQL {
    return exists(orm.select({ id: packages.id }).from(packages).where(and(sql`${packages.id} = +${records.package}`, named)))
  }

  /** All there are, by an index that has them in order. What it finds is read after it is cut to the limit. */
  async function take(conditions: SQL[], limit: number): Promise<Listed> {
    const indexes = orm.select({ index: records.index }).from(records)
      .where(and(...conditions)).orderBy(desc(records.index)).limit(limit)
    return { entries: await readTexts(inArray(records.index, indexes)), from: 0 }
  }

  /** Those among the next records. */
  async function scan(conditions: SQL[], before: number, limit: number): Promise<Listed> {
    const from = Math.max(0, before - SCANNED_AT_ONCE)
    const entries = await orm.select(textAt).from(records)
      .where(and(...conditions, gte(records.index, from))).orderBy(desc(records.index)).limit(limit).all()
    return { entries, from }
  }

  function readTexts(condition: SQL) {
    return orm.select(textAt).from(records).where(condition).orderBy(desc(records.index)).all()
  }

  return {
    async version(subject) {
      const [row] = await oneVersion.all({ purl: packagePurl(subject), version: subject.version })
      return row && new StoredVersion(row.index, row.text)
    },
    async versions(subject) {
      const [row] = await versionsOfPackage.all({ purl: packagePurl(subject) })
      return new Map(row?.all?.split(RECORD_SEPARATOR).map(joined))
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
    async list(query) {
      const { before, limit, kind, package: subject, prefix, evidence, authority } = query
      const below: SQL[] = [lt(records.index, before)]
      // Of a few packages all records are few: the plus keeps the index that has all of a kind out of it.
      const isFew = subject !== undefined || prefix !== undefined
      if (kind) below.push(kind === 'version' ? isVersion : and(isOther, isFew ? sql`+${records.kind} = ${kind}` : eq(records.kind, kind))!)
      if (evidence) below.push(and(isVersion, eq(records.evidence, evidence), evidence === 'signed' ? undefined : isUnsigned)!)
      if (authority) below.push(ofAuthority(authority))
      const named = subject ? eq(packages.purl, packagePurl(subject)) : prefix === undefined ? undefined : beginsWith(prefix)
      if (!named) return isIndexed(query) ? take(below, limit) : scan(below, before, limit)

      const rows = await orm.select({ id: packages.id }).from(packages).where(named).limit(FEW_PACKAGES + 1).all()
      const found = rows.map(({ id }) => id)
      if (found.length === 0) return { entries: [], from: 0 }
      // What only the text says of them would have to be read for all of them, unless it is one package.
      if (subject) return take([...below, ofFew(found)], limit)
      if (found.length <= FEW_PACKAGES && !evidence && !authority) return take([...below, ofFew(found)], limit)
      return scan([...below, ofMany(named)], before, limit)
    },
    async namespaces() {
      return (await orm.all<{ name: string }>(allNamespaces)).map(({ name }) => percentDecode(name) ?? name)
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

/** Whether one index leads to exactly what is asked for, in order. */
function isIndexed({ kind, evidence, authority }: ReaderQuery): boolean {
  const filters = [kind, evidence, authority].filter(filter => filter !== undefined)
  return filters.length === 0 || (filters.length === 1 && kind !== 'version' && evidence !== 'signed' && !authority?.isDefault)
}

function ofAuthority({ namespace, isDefault }: { namespace: string, isDefault: boolean }): SQL {
  const isNamed = eq(records.namespace, percentEncode(namespace))
  return isDefault ? or(and(isNotNull(records.package), isNull(records.namespace)), isNamed)! : isNamed
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

/** A record's place and version in a line before its text. */
function joined(block: string): [version: string, StoredVersion] {
  const [space, end] = [block.indexOf(' '), block.indexOf('\n')]
  return [block.slice(space + 1, end), new StoredVersion(Number(block.slice(0, space)), block.slice(end + 1))]
}

/** Read only as far as it is asked for: mostly that is where it stands, or its digest. */
class StoredVersion implements RecordedVersion {
  readonly index: number
  readonly #text: string
  #record: VersionRecord | undefined

  constructor(index: number, text: string) {
    this.index = index
    this.#text = text
  }

  get integrity(): string {
    return valueIn(this.#text, 'integrity')
  }

  get manifest(): string {
    return valueIn(this.#text, 'manifest')
  }

  get record(): VersionRecord {
    return this.#record ??= versionRecord(this.#text)
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
