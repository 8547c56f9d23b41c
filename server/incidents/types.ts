import type { Acknowledgement, Evidence, IncidentKind } from '../../shared/types/incidents.ts'

export type { ClaimedVersion, Evidence } from '../../shared/types/incidents.ts'

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

/** An incident as it is kept. */
export interface StoredIncident extends IncidentReport {
  /** Grows with time. */
  id: number
  /** Milliseconds since the epoch. */
  noticed: number
  acknowledged?: Acknowledgement
}

export interface IncidentQuery {
  /** Only incidents with a smaller id. */
  before?: number
  limit: number
  kind?: IncidentKind
  source?: string
  /** Name of a package, of whichever registry. */
  package?: string
  state?: 'open' | 'acknowledged'
  /** Whether incidents of private names are listed too. */
  withPrivate: boolean
}

/** Where broken rules are kept. */
export interface Incidents {
  /**
   * Keeps what is new, and tells whoever wants to know.
   * @returns the causes that were not known
   * @throws what the database throws; then they are reported another time
   */
  report(reports: readonly IncidentReport[]): Promise<Set<string>>
  /** Newest first. */
  list(query: IncidentQuery): Promise<StoredIncident[]>
  find(id: number): Promise<StoredIncident | undefined>
  /** @returns false if it was acknowledged before: then that stands */
  acknowledge(id: number, acknowledgement: Acknowledgement): Promise<boolean>
  /** How many incidents of public names nobody has acknowledged. */
  countOpen(): Promise<number>
  /** How many incidents of each kind nobody has acknowledged, by the id of their source; private ones are counted too. */
  openBySource(): Promise<Map<string, Partial<Record<IncidentKind, number>>>>
}
