import type { LogRecord, PackageSubject } from '../../shared/record/index.ts'

/** What a record is about: a package or one of its versions, or a text where it is about none. */
export type Subject = { package: PackageSubject, version?: string } | { text: string }

export function subjectOf(record: LogRecord): Subject {
  switch (record.kind) {
    case 'tags': return { package: record.subject }
    case 'keys': return { text: record.namespace }
    case 'head': return { text: record.origin }
    case 'policy': return { text: record.digest }
    default: return { package: record.subject, version: record.subject.version }
  }
}

/** For the package's page: its name is part of the address. */
export function packageRoute(name: string) {
  return { name: 'registry-package', params: { name: name.split('/') } }
}
