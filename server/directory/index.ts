/** Registries that are known: for selection only, none of them is asked unless it is configured. */
import { entries } from './entries.ts'
import { parseDirectory, type DirectoryEntry } from './schema.ts'

export type { DirectoryEntry } from './schema.ts'

export const directory: readonly DirectoryEntry[] = parseDirectory(entries)

/** The registry that is known under an id. */
export function findKnown(id: string): DirectoryEntry | undefined {
  return directory.find(entry => entry.id === id)
}
