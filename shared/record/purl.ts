import { RecordError, quote } from './errors.ts'
import { isPackageName, isPackageVersion, isWord } from './names.ts'
import { percentDecode, percentEncode } from './percent.ts'

/** A package of one authority. */
export interface PackageSubject {
  /** `name` or `@scope/name`, case kept. */
  name: string
  /** The authority as purl's `repository_url` names it: host and path. Absent: the log's default authority. */
  namespace?: string
}

export interface VersionSubject extends PackageSubject {
  version: string
}

/**
 * A package URL of type `npm`, in the one canonical spelling of ECMA-427: `pkg:npm/%40nuxt/ui@4.11.2`.
 * Other than in purl's own definition of the type, the name's case is kept: `JSONStream` and `jsonstream` are two packages.
 * @throws RecordError `BAD_SUBJECT`
 */
export function formatPurl(subject: PackageSubject | VersionSubject): string {
  const { name, namespace } = subject
  const version = 'version' in subject ? subject.version : undefined
  if (!isPackageName(name)) throw new RecordError('BAD_SUBJECT', `${quote(name)} is not the name of an npm package.`)
  if (version !== undefined && !isPackageVersion(version)) {
    throw new RecordError('BAD_SUBJECT', `${quote(version)} is not a version of ${name}.`)
  }
  if (namespace !== undefined && !isWord(namespace)) {
    throw new RecordError('BAD_SUBJECT', `${quote(namespace)} is not the namespace of a registry.`)
  }
  return `pkg:npm/${name.split('/').map(percentEncode).join('/')}`
    + (version === undefined ? '' : `@${percentEncode(version)}`)
    + (namespace === undefined ? '' : `?repository_url=${percentEncode(namespace)}`)
}

const PURL = /^pkg:npm\/([^@?#]+)(?:@([^@?#]+))?(?:\?repository_url=([^@?#&]+))?$/

/**
 * Reads what {@link formatPurl} writes, and nothing else: no other spelling of the same package URL, type or qualifier.
 * @throws RecordError `BAD_SUBJECT`
 */
export function parsePurl(text: string): PackageSubject | VersionSubject {
  const [, name, version, namespace] = PURL.exec(text)?.map(part => part === undefined ? undefined : percentDecode(part)) ?? []
  if (name === undefined) throw new RecordError('BAD_SUBJECT', `${quote(text)} is not a package URL of type npm.`)
  const subject = { name, ...(version !== undefined && { version }), ...(namespace !== undefined && { namespace }) }
  if (formatPurl(subject) !== text) throw new RecordError('BAD_SUBJECT', `${quote(text)} is not a canonical package URL.`)
  return subject
}
