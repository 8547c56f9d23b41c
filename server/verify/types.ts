import type { LogRecord, PackageSubject, RecordDraft, VersionRecord } from '../../shared/record/index.ts'
import type { ErrorCode } from '../errors.ts'

/** A version that is recorded. */
export interface KnownVersion {
  /** The digest that stands. */
  integrity: string
  readonly record: VersionRecord
  /** Place in the log; absent for what is only pinned. */
  index?: number
}

export type VersionDraft = Extract<RecordDraft, { kind: 'version' }>

/** Where versions are recorded: the log, or the pins. What is in there stands. */
export interface Ledger {
  versionsOf(subject: PackageSubject): Promise<Map<string, KnownVersion>>
  /**
   * Records what is not recorded yet, and says what stands, in the order of the drafts.
   * @throws RegistryError `LOG_UNAVAILABLE`
   */
  record(drafts: readonly VersionDraft[]): Promise<readonly { record: LogRecord, index?: number, isNew: boolean }[]>
}

/** What the room tells whoever keeps the books. */
export interface VerifyObserver {
  recorded(evidence: VersionRecord['evidence'], count: number): void
  withheld(code: ErrorCode, count: number): void
  /** A rule was broken, and it was not known before. @param about absent for private names */
  incident(kind: string, about?: { subject: string, sentence: string }): void
  trouble(what: string, error: unknown, name: string): void
}
