import { formatPurl, formatRecord, parseRecord, type LogRecord, type PackageSubject, type TagsRecord } from '../../../shared/record/index.ts'
import { RegistryError } from '../../../server/errors.ts'
import type { Log, LogStatus } from '../../../server/log/index.ts'

export interface MemoryLog extends Pick<Log, 'defaultNamespace' | 'versionsOf' | 'tagsOf' | 'withdrawnOf' | 'findVersion' | 'record' | 'status'> {
  /** The leaves, in their order. */
  texts: string[]
  /** How often each function was called. */
  calls: { versionsOf: number, record: number }
  state: LogStatus
  /** `record` and `versionsOf` fail with it. */
  failure?: Error
}

/** A log without a tree: unique version, conflict and withdrawn records, everything at once public. */
export function createMemoryLog(clock: () => number = () => Date.parse('2026-01-01T00:00:00.000Z')): MemoryLog {
  const indexes = new Map<string, number>()
  const identity = (record: LogRecord) => {
    if (record.kind === 'version') return formatPurl(record.subject)
    if (record.kind === 'withdrawn') return `withdrawn ${formatPurl(record.subject)}`
    return record.kind === 'conflict' ? `${formatPurl(record.subject)} ${record.other} ${record.source}` : `${log.texts.length} ${formatRecord(record)}`
  }
  const isOf = (subject: PackageSubject) => ({ record }: { record: LogRecord }) =>
    'subject' in record && record.subject.name === subject.name && record.subject.namespace === subject.namespace
  const records = () => log.texts.map((text, index) => ({ index, record: parseRecord(text) }))
  const versions = () => records().flatMap(({ index, record }) => record.kind === 'version' ? [{ index, integrity: record.integrity, manifest: record.manifest, record }] : [])

  const log: MemoryLog = {
    defaultNamespace: 'npm.example',
    texts: [],
    calls: { versionsOf: 0, record: 0 },
    state: { state: 'ok' },
    status: () => log.state,
    async versionsOf(subject) {
      log.calls.versionsOf++
      if (log.failure && !(log.failure instanceof RegistryError)) throw log.failure
      const { name, namespace } = subject
      const found = versions().filter(({ record }) => record.subject.name === name && record.subject.namespace === namespace)
      return new Map(found.map(one => [one.record.subject.version, one]))
    },
    async tagsOf(subject) {
      const last = records().filter(isOf(subject)).findLast(({ record }) => record.kind === 'tags')
      return last as { index: number, record: TagsRecord } | undefined
    },
    async withdrawnOf(subject) {
      const found = records().filter(isOf(subject)).map(({ record }) => record).filter(record => record.kind === 'withdrawn')
      return new Set(found.map(record => record.subject.version))
    },
    async findVersion(subject) {
      return versions().find(({ record }) => formatPurl(record.subject) === formatPurl(subject))
    },
    async record(drafts) {
      log.calls.record++
      if (log.failure) throw log.failure
      if (log.state.state !== 'ok') throw new RegistryError('LOG_UNAVAILABLE', log.state.reason ?? 'closed')
      return drafts.map((draft) => {
        const record: LogRecord = { ...draft, recorded: new Date(clock()).toISOString() }
        const key = identity(record)
        const known = indexes.get(key)
        if (known !== undefined) return { index: known, isNew: false, record: parseRecord(log.texts[known]!) }
        const index = log.texts.push(formatRecord(record)) - 1
        indexes.set(key, index)
        return { index, isNew: true, record }
      })
    },
  }
  return log
}
