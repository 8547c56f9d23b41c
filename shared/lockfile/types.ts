/**
 * How far a locked package can be checked.
 * - `registry`: comes from a registry, and a SHA-512 of its tarball is locked.
 * - `other-digest`: comes from a registry, but what is locked is another digest: only that the version exists can be proven.
 * - `no-integrity`: comes from a registry, and nothing fixes its bytes.
 * - `not-from-registry`: a folder, a file, a git repository, any URL, or a part of another package.
 */
export type LockState = 'registry' | 'not-from-registry' | 'no-integrity' | 'other-digest'

export interface LockedPackage {
  /** The real name, also where it is installed under another one. */
  name: string
  /** As written; empty where the lockfile does not say. */
  version: string
  /** Subresource Integrity as written, possibly of several digests. */
  integrity?: string
  /** The URL it is fetched from, or where else it comes from, if the lockfile says. */
  resolved?: string
  /** Where in the file, for people: the key or path of its first entry. */
  at: string
  state: LockState
  /** Why it is not simply `registry`, for people. */
  note?: string
}

export interface Lockfile {
  kind: 'npm' | 'pnpm' | 'yarn-classic' | 'yarn-berry' | 'bun'
  /** Of the format, as the file says it. */
  version: string
  /** In the file's order; the project itself is not among them. */
  packages: LockedPackage[]
}
