import { and, desc, eq, isNotNull, isNull } from 'drizzle-orm'
import type { RegistryConfig } from '../config/types.ts'
import { tables, type Database } from '../database/index.ts'
import type { Quarantine } from '../registry/index.ts'

const { incidents } = tables

/** The latest; who lied more often is caught again. */
const MOST = 100_000

/**
 * Puts into quarantine what earlier processes found and no operator has acknowledged. A mirror is not asked for a version that it
 * contradicted in any way. An authority is not asked for one that it sent other bytes of; what it says of a version is
 * looked at again with every state of its package.
 */
export async function rememberLies(
  { orm }: Database, quarantine: Pick<Quarantine, 'add'>, registries: readonly RegistryConfig[],
): Promise<void> {
  const { source, subject, evidence, id } = incidents
  const isOpen = and(eq(incidents.kind, 'conflict'), isNull(incidents.acknowledged), isNotNull(subject))
  const found = await orm.select({ source, subject, evidence }).from(incidents).where(isOpen).orderBy(desc(id)).limit(MOST).all()
  const mirrors = new Set(registries.filter(({ role }) => role === 'mirror').map(({ id }) => id))
  // The oldest first: the latest is the last to be forgotten.
  for (const { source, subject, evidence } of found.toReversed()) {
    if (mirrors.has(source) || isAboutBytes(evidence)) quarantine.add(source, subject!)
  }
}

function isAboutBytes(evidence: string): boolean {
  const { claimed } = JSON.parse(evidence) as { claimed?: { size?: number } }
  return claimed?.size !== undefined
}
