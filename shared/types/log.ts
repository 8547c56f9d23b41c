import type { LogRecord } from '../record/index.ts'

/** The log as it is now: `GET /api/log`. */
export interface LogOverview {
  /** Name of the log and of its key. */
  origin: string
  /** Verifies its checkpoints. */
  vkey: string
  /** Verifies what Go's clients get. */
  goVkey: string
  /** Number of records. */
  size: number
  /** Base64. */
  root: string
  /** Time of the last record, ISO 8601; null in an empty log. */
  time: string | null
  /** `recovering`: a commit's outcome is not known yet. `read-only`: its operator must look at it, and was told why. */
  state: 'ok' | 'recovering' | 'read-only'
  /** Authorities whose packages or keys are recorded, the default one first. */
  namespaces: string[]
}

/** The log at a glance: part of `GET /api/registry/status`. */
export interface LogSummary extends Pick<LogOverview, 'size' | 'root' | 'time' | 'state'> {
  /** Records since midnight, UTC. */
  today: number
  /** Records of the last 60 minutes. */
  lastHour: number
  /** Names of keys other than the log's that signed the checkpoint. Whether the signatures verify is not checked here. */
  cosigners: string[]
}

export interface LogEntry {
  /** Place in the log, from 0. */
  index: number
  /** The leaf's text, byte for byte. */
  text: string
  /** What it says. */
  record: LogRecord
}

/** Newest first: `GET /api/log/entries`. */
export interface LogEntryPage {
  /** Number of records in the whole log. */
  size: number
  entries: LogEntry[]
  /**
   * Value of `before` for the page that follows; null: this was the last one. Where filters have to look at many records, a page
   * may have fewer entries than asked for, or none, and others follow.
   */
  next: number | null
}

/** One entry and what proves it: `GET /api/log/entries/:index`. */
export interface LogEntryDetail extends LogEntry {
  /** Base64. */
  leafHash: string
  /** That it is in the tree of the checkpoint. */
  proof: {
    /** Base64, from the leaf's sibling to the root's child. */
    hashes: string[]
    size: number
    /** Base64. */
    root: string
  }
  /** The signed note. */
  checkpoint: string
  /** Indexes of its neighbours; null at the ends of the log. */
  previous: number | null
  next: number | null
}

export interface LogCheckpoint {
  size: number
  /** Base64. */
  root: string
  /** Time of its last record, ISO 8601; null in an empty log. */
  time: string | null
  /** The signed note. */
  checkpoint: string
}

/** Newest first: `GET /api/log/checkpoints`. */
export interface LogCheckpointPage {
  checkpoints: LogCheckpoint[]
  /** Value of `before` for the page that follows; null: this was the last one. */
  next: number | null
}
