import type { LogRecord, VersionRecord } from '../record/index.ts'

/** One thing that was looked at: it is as the bundle says, it contradicts the bundle, or the bundle does not prove it. */
export interface Finding {
  state: 'verified' | 'contradiction' | 'unproven'
  sentence: string
}

export type Say = (state: Finding['state'], sentence: string) => void

/** What the log has, by index. */
export type Records = ReadonlyMap<number, LogRecord>

export function versionOf(record: LogRecord | undefined): VersionRecord | undefined {
  return record?.kind === 'version' ? record : undefined
}
