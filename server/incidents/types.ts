import type { Evidence, IncidentKind } from '../../shared/types/incidents.ts'

export type { ClaimedVersion, Evidence, IncidentKind } from '../../shared/types/incidents.ts'

/** A broken rule as it is reported. */
export interface IncidentReport {
  kind: IncidentKind
  /** One incident for each of these, however often it is seen. */
  cause: string
  /** Package URL, with version where it is about one; absent where it is about a registry. */
  subject?: string
  /** Id of the registry that broke the rule. */
  source: string
  /** What happened, in one sentence for people. */
  sentence: string
  /** Nothing of it may be shown to anybody but operators. */
  isPrivate: boolean
  /** Index of the log's record of it. */
  record?: number
  evidence: Evidence
}

/** Where broken rules are kept. */
export interface Incidents {
  /**
   * Keeps what is new, and tells whoever wants to know.
   * @returns the causes that were not known
   * @throws what the database throws; then they are reported another time
   */
  report(reports: readonly IncidentReport[]): Promise<Set<string>>
}
