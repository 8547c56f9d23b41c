import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/** What this database is the log of; one row, written once. */
export const log = sqliteTable('log', {
  id: integer().primaryKey(),
  origin: text().notNull(),
  vkey: text().notNull(),
  /** Namespace of the authority whose packages carry no `repository_url` in their subjects. */
  namespace: text().notNull(),
  /** The same, signed: nothing else in the database repeats it. */
  statement: text().notNull(),
})

/**
 * Where the tree ends; one row. Every append moves it from what the appender believes it to be: a `size` that would be NULL,
 * because the belief is wrong, fails the whole transaction.
 */
export const head = sqliteTable('head', {
  id: integer().primaryKey(),
  size: integer().notNull(),
  root: blob({ mode: 'buffer' }).notNull(),
  /** Time of the last record, milliseconds since the epoch. */
  recorded: integer().notNull(),
})

/** Packages that the log names, so that its records need not repeat them. */
export const packages = sqliteTable('packages', {
  id: integer().primaryKey(),
  /** Package URL without version. */
  purl: text().notNull().unique(),
})

/** The leaves. Everything but `text` repeats what it says, for finding it. */
export const records = sqliteTable('records', {
  index: integer('idx').primaryKey(),
  kind: text().notNull(),
  package: integer('package_id'),
  version: text(),
  /** What records of this kind and subject may exist once for each of. */
  key: text(),
  text: text().notNull(),
}, table => [
  // The first digest stands: one version record for each subject.
  uniqueIndex('one_record_per_version').on(table.package, table.version).where(sql`kind = 'version'`),
  uniqueIndex('one_record_per_cause').on(table.package, table.version, table.kind, table.key).where(sql`kind <> 'version'`),
  index('records_by_kind').on(table.kind, table.index).where(sql`kind <> 'version'`),
])

/** Tiles of 256 hashes. */
export const tiles = sqliteTable('tiles', {
  level: integer().notNull(),
  index: integer('idx').notNull(),
  hashes: blob({ mode: 'buffer' }).notNull(),
}, table => [primaryKey({ columns: [table.level, table.index] })])

/** The right edge: of each level the hashes that do not fill a tile yet. */
export const edge = sqliteTable('edge', {
  level: integer().primaryKey(),
  hashes: blob({ mode: 'buffer' }).notNull(),
})

/** Every state of the tree that was made public. */
export const checkpoints = sqliteTable('checkpoints', {
  size: integer().primaryKey(),
  root: blob({ mode: 'buffer' }).notNull(),
  recorded: integer().notNull(),
  /** The signed checkpoint, added when the next one is made: signing comes after the commit. */
  note: text(),
})

/** Versions of names that are private to the operator: the same rules, no record. */
export const pins = sqliteTable('pins', {
  namespace: text().notNull(),
  name: text().notNull(),
  version: text().notNull(),
  integrity: text().notNull(),
  manifest: text().notNull(),
  evidence: text().notNull(),
  recorded: integer().notNull(),
}, table => [primaryKey({ columns: [table.namespace, table.name, table.version] })])

/** Broken rules with their evidence, one for each cause. */
export const incidents = sqliteTable('incidents', {
  id: integer().primaryKey(),
  kind: text().notNull(),
  /** One incident for each of these. */
  cause: text().notNull().unique(),
  /** Package URL with version. */
  subject: text().notNull(),
  /** Index of the log's record of it; absent for private names. */
  record: integer(),
  /** Both claims, as JSON. */
  evidence: text().notNull(),
  noticed: integer().notNull(),
})
