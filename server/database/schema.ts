import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

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
  /** How a version is known. Not stored: the text says it, and only the index keeps what it says. */
  evidence: text().generatedAlwaysAs(sql`CASE WHEN kind = 'version' THEN CASE
    WHEN instr(text, char(10) || 'evidence signed' || char(10)) THEN 'signed'
    WHEN instr(text, char(10) || 'evidence fetched' || char(10)) THEN 'fetched' ELSE 'claimed' END END`, { mode: 'virtual' }),
  /** Whose package it is, as its URL says it: null for the default authority's. Of keys, whose they are. Not stored either. */
  namespace: text().generatedAlwaysAs(sql`CASE WHEN kind = 'keys' THEN replace(substr(text, 6, instr(text, char(10)) - 6), '/', '%2F')
    WHEN instr(substr(text, 1, instr(text, char(10))), '?repository_url=')
    THEN substr(text, instr(text, '?repository_url=') + 16, instr(text, char(10)) - instr(text, '?repository_url=') - 16) END`, { mode: 'virtual' }),
}, table => [
  // The first digest stands: one version record for each subject.
  uniqueIndex('one_record_per_version').on(table.package, table.version).where(sql`kind = 'version'`),
  uniqueIndex('one_record_per_cause').on(table.package, table.version, table.kind, table.key).where(sql`kind <> 'version'`),
  index('records_by_kind').on(table.kind, table.index).where(sql`kind <> 'version'`),
  // Not of what most are, where registries sign: every row here is paid for by an append.
  index('versions_by_evidence').on(table.evidence, table.index).where(sql`kind = 'version' AND evidence <> 'signed'`),
  index('records_by_namespace').on(table.namespace, table.index).where(sql`namespace IS NOT NULL`),
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

/** All signing keys that were ever seen: what a registry stops publishing still verifies what it signed. */
export const registryKeys = sqliteTable('registry_keys', {
  /** Of the authority whose key it is. */
  namespace: text().notNull(),
  keyid: text().notNull(),
  /** SubjectPublicKeyInfo, DER in base64. */
  key: text().notNull(),
  /** ISO 8601. */
  expires: text(),
  firstSeen: integer('first_seen').notNull(),
  /** Whether the registry listed it when it was asked last. */
  isPublished: integer('is_published', { mode: 'boolean' }).notNull(),
}, table => [primaryKey({ columns: [table.namespace, table.keyid] })])

/** Our own signatures of versions whose authority does not sign, made once: two signatures of the same are never equal. */
export const ownSignatures = sqliteTable('own_signatures', {
  /** Package URL without version. */
  package: text().notNull(),
  version: text().notNull(),
  keyid: text().notNull(),
  /** Base64. */
  signature: text().notNull(),
}, table => [primaryKey({ columns: [table.package, table.version, table.keyid] })])

/** Which sources claimed which digest, where a route wants several that agree. */
export const claims = sqliteTable('claims', {
  /** Package URL with version. */
  subject: text().notNull(),
  /** Id of a registry. */
  source: text().notNull(),
  integrity: text().notNull(),
  seen: integer().notNull(),
}, table => [primaryKey({ columns: [table.subject, table.source] })])

/** What was found inside tarballs, once for each version. */
export const inspections = sqliteTable('inspections', {
  /** Package URL with version. */
  subject: text().primaryKey(),
  integrity: text().notNull(),
  /** Differences between the tarball's own manifest and the registry's, as JSON; empty where there is none. */
  findings: text().notNull(),
  inspected: integer().notNull(),
})

/** Versions that an operator took down. */
export const takedowns = sqliteTable('takedowns', {
  /** Package URL with version. */
  subject: text().primaryKey(),
  reason: text().notNull(),
  by: text().notNull(),
  at: integer().notNull(),
})

/** Broken rules with their evidence, one for each cause. */
export const incidents = sqliteTable('incidents', {
  id: integer().primaryKey(),
  kind: text().notNull(),
  /** One incident for each of these. */
  cause: text().notNull().unique(),
  /** Package URL, with version where it is about one; absent where it is about a registry. */
  subject: text(),
  /** Id of the registry that broke the rule. */
  source: text().notNull(),
  /** What happened, in one sentence. */
  sentence: text().notNull(),
  /** About a name, or a registry, that is private to the operator. */
  isPrivate: integer('is_private', { mode: 'boolean' }).notNull(),
  /** Index of the log's record of it; absent for private names. */
  record: integer(),
  /** What proves it, as JSON. */
  evidence: text().notNull(),
  noticed: integer().notNull(),
  acknowledged: integer(),
  /** Who acknowledged it and why, as JSON. */
  acknowledgement: text(),
}, table => [
  index('incidents_by_subject').on(table.subject),
  index('incidents_open').on(table.source, table.kind).where(sql`acknowledged IS NULL`),
])

/** Which incident was told to which receiver. */
export const deliveries = sqliteTable('deliveries', {
  incident: integer().notNull(),
  /** SHA-256 of the receiver's URL. */
  receiver: text().notNull(),
  attempts: integer().notNull(),
  /** When to try again; null: it is done, or given up. */
  next: integer(),
  delivered: integer(),
  /** Why the last attempt failed. */
  error: text(),
}, table => [primaryKey({ columns: [table.incident, table.receiver] }), index('deliveries_due').on(table.next)])

/** Choices of people, found by their token. */
export const profiles = sqliteTable('profiles', {
  id: text().primaryKey(),
  /** SHA-256 of the token. */
  token: text().notNull().unique(),
  /** JSON. */
  content: text().notNull(),
  created: integer().notNull(),
  updated: integer().notNull(),
})

/** Looks at all sources: who takes the next one writes it down first. */
export const passes = sqliteTable('passes', {
  id: integer().primaryKey(),
  started: integer().notNull(),
  /** Null: it runs, or its process ended before it did. */
  finished: integer(),
  /** Why it ended early, in one sentence. */
  error: text(),
})

/** Single measurements of registries, kept for as long as the longest window. */
export const probes = sqliteTable('probes', {
  id: integer().primaryKey(),
  /** Id of a registry. */
  registry: text().notNull(),
  kind: text().notNull(),
  at: integer().notNull(),
  isOk: integer('is_ok', { mode: 'boolean' }).notNull(),
  status: integer(),
  /** Milliseconds to the first byte of the answer. */
  latency: real(),
  /** Bytes of the body. */
  size: integer(),
  /** Milliseconds for the whole body. */
  duration: real(),
  error: text(),
}, table => [index('probes_by_registry').on(table.registry, table.at)])

/** What a source says of a recorded version, compared with the record. */
export const comparisons = sqliteTable('comparisons', {
  /** Id of a registry. */
  registry: text().notNull(),
  /** Package URL with version. */
  subject: text().notNull(),
  at: integer().notNull(),
  /** Aspects and what was found, as JSON. */
  found: text().notNull(),
}, table => [primaryKey({ columns: [table.registry, table.subject] }), index('comparisons_by_time').on(table.registry, table.at)])

/** How many of the versions that were compared in one look agreed: {@link comparisons} keeps of each version only the last. */
export const agreements = sqliteTable('agreements', {
  /** Id of a registry. */
  registry: text().notNull(),
  at: integer().notNull(),
  equal: integer().notNull(),
  compared: integer().notNull(),
}, table => [primaryKey({ columns: [table.registry, table.at] })])

/** When a version was first seen at a source, by our clock. */
export const arrivals = sqliteTable('arrivals', {
  /** Id of a registry. */
  registry: text().notNull(),
  /** Package URL with version. */
  subject: text().notNull(),
  /** Null: it was looked for, and is not there yet. */
  seen: integer(),
  /** When it was looked for last and was not there. */
  missing: integer(),
}, table => [primaryKey({ columns: [table.registry, table.subject] }), index('arrivals_by_time').on(table.registry, table.seen)])

/** Which parts of the registry API a source has. */
export const conformance = sqliteTable('conformance', {
  /** Id of a registry. */
  registry: text().notNull(),
  feature: text().notNull(),
  at: integer().notNull(),
  isOk: integer('is_ok', { mode: 'boolean' }).notNull(),
  detail: text(),
}, table => [primaryKey({ columns: [table.registry, table.feature] })])
