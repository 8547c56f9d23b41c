/** `high`: a client would run or install what its registry did not show; `medium`: the registry shows what is not there. */
export type Severity = 'high' | 'medium' | 'info'

/** A difference between what a registry says of a version and what is in its tarball. */
export interface Finding {
  /** `dependencies.left-pad`, `scripts.postinstall`, `unreadable`. */
  field: string
  severity: Severity
  /** What the registry says, short; empty where it says nothing. */
  registry: string
  /** What is in the tarball, short; empty where there is nothing. */
  tarball: string
}

/** How much of a tarball is read, and for how long. */
export interface InspectionLimits {
  /** Unpacked bytes for each packed one… */
  ratio: number
  /** …but never more than these, */
  unpacked: number
  /** files and folders, */
  entries: number
  /** bytes of one file, */
  entry: number
  /** bytes of a manifest, */
  manifest: number
  /** milliseconds. */
  time: number
}

/** The largest packages have 150 MiB in 8,000 files, and reach a ratio of 20. */
export const INSPECTION_LIMITS: InspectionLimits = {
  ratio: 1_000,
  unpacked: 2 * 1024 ** 3,
  entries: 200_000,
  entry: 512 * 1024 ** 2,
  manifest: 8 * 1024 ** 2,
  time: 60_000,
}

/** A content file, and what its registry says of it. */
export interface Inspected {
  path: string
  /** Its sha512, as SRI. */
  integrity: string
  /** The registry's manifest, as JSON. */
  manifest: Uint8Array<ArrayBuffer>
}

/** `gone`: the file is not there, or damaged, which says nothing about the package. */
export type Inspection = { state: 'gone' } | { state: 'inspected', findings: Finding[] }

/** Values in findings are cut: they go into incidents. */
const LONGEST = 200

export function finding(field: string, severity: Severity, registry: unknown, tarball: unknown): Finding {
  return { field: shown(field), severity, registry: shown(registry), tarball: shown(tarball) }
}

/** Whatever is inside cannot be compared. */
export function unreadable(why: string): Finding {
  return finding('unreadable', 'high', undefined, why)
}

function shown(value: unknown): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
