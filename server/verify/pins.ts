import { and, eq } from 'drizzle-orm'
import type { PackageSubject, VersionRecord } from '../../shared/record/index.ts'
import { tables, type Database } from '../database/index.ts'
import { RegistryError } from '../errors.ts'
import type { KnownVersion, Ledger } from './types.ts'

const { pins } = tables

/** Rows of one statement: SQLite takes 32,766 parameters. */
const ROWS = 1_000

/**
 * The versions of names that are private to the operator: the same rules as in the log, but nobody else gets to see anything.
 * @param defaultNamespace of the authority whose packages carry none
 */
export function createPins({ orm }: Database, defaultNamespace: string): Ledger {
  async function versionsOf(subject: PackageSubject): Promise<Map<string, KnownVersion>> {
    const { name, namespace = defaultNamespace } = subject
    const rows = await orm.select().from(pins).where(and(eq(pins.namespace, namespace), eq(pins.name, name))).all()
    return new Map(rows.map(({ version, integrity, manifest, evidence, recorded }): [string, KnownVersion] => [version, {
      integrity,
      record: {
        kind: 'version', subject: { ...subject, version }, integrity, manifest,
        recorded: new Date(recorded).toISOString(), evidence: evidence as VersionRecord['evidence'],
      },
    }]))
  }

  return {
    versionsOf,
    // All of them are versions of one package.
    async record(drafts) {
      const recorded = Date.now()
      const rows = drafts.map(({ subject: { name, version, namespace = defaultNamespace }, integrity, manifest, evidence }) =>
        ({ namespace, name, version, integrity, manifest, evidence, recorded }))
      const added = new Set<string>()
      for (let start = 0; start < rows.length; start += ROWS) {
        const inserted = await orm.insert(pins).values(rows.slice(start, start + ROWS)).onConflictDoNothing()
          .returning({ version: pins.version }).catch(failed)
        for (const { version } of inserted) added.add(version)
      }
      // Somebody else may have pinned some of them first: then theirs stand.
      const standing = drafts[0] ? await versionsOf(drafts[0].subject).catch(failed) : new Map<string, KnownVersion>()
      return drafts.map(({ subject: { version } }) => ({ ...standing.get(version)!, isNew: added.has(version) }))
    },
  }
}

function failed(cause: unknown): never {
  throw new RegistryError('LOG_UNAVAILABLE', 'The database does not take what is to be pinned.', { cause })
}
