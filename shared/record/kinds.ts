import { isTimestamp } from './dates.ts'
import { RecordError, quote } from './errors.ts'
import { type LineReader, checked, line } from './lines.ts'
import { isOrigin, isPackageVersion, isTagName, isWord } from './names.ts'
import { percentDecode, percentEncode } from './percent.ts'
import { type PackageSubject, type VersionSubject, formatPurl, parsePurl } from './purl.ts'
import type { LogRecord, RegistryKey, RegistrySignature, VersionRecord } from './types.ts'
import { isBase64, isSha256Base64, isSha256Digest, isSha512Integrity } from './values.ts'

/**
 * How the records of one kind are written and read. Writing checks everything; reading only takes a text apart, because what was
 * read is written again and compared.
 */
interface Kind<R extends LogRecord> {
  /** The first line and those below it. */
  write: (record: R) => (string | undefined)[]
  /** @param subject what stands behind the kind in the first line */
  read: (subject: string, lines: LineReader) => Omit<R, 'kind'>
}

export const KINDS: { readonly [K in LogRecord['kind']]: Kind<Extract<LogRecord, { kind: K }>> } = {
  version: {
    write: record => [
      `version ${versionPurl(record.subject)}`,
      line('integrity', record.integrity, isSha512Integrity),
      line('manifest', record.manifest, isSha256Digest),
      record.published === undefined ? undefined : line('published', record.published, isTimestamp),
      recordedLine(record),
      evidenceLine(record),
      signatureLine(record.signature),
    ],
    read: (subject, lines) => ({
      subject: parsePurl(subject) as VersionSubject,
      integrity: lines.take('integrity'),
      manifest: lines.take('manifest'),
      ...(lines.has('published') && { published: lines.take('published') }),
      recorded: lines.take('recorded'),
      evidence: lines.take('evidence') as VersionRecord['evidence'],
      ...takeSignature(lines),
    }),
  },

  conflict: {
    write: record => [
      `conflict ${versionPurl(record.subject)}`,
      line('integrity', record.integrity, isSha512Integrity),
      line('other', record.other, other => isSha512Integrity(other) && other !== record.integrity),
      line('source', record.source, isWord),
      recordedLine(record),
      signatureLine(record.signature),
    ],
    read: (subject, lines) => ({
      subject: parsePurl(subject) as VersionSubject,
      integrity: lines.take('integrity'),
      other: lines.take('other'),
      source: lines.take('source'),
      recorded: lines.take('recorded'),
      ...takeSignature(lines),
    }),
  },

  withdrawn: {
    write: record => [`withdrawn ${versionPurl(record.subject)}`, recordedLine(record)],
    read: (subject, lines) => ({ subject: parsePurl(subject) as VersionSubject, recorded: lines.take('recorded') }),
  },

  tags: {
    write: record => [
      `tags ${packagePurl(record.subject)}`,
      ...inOrder(record.tags.map(tagLine)),
      recordedLine(record),
    ],
    read: (subject, lines) => ({
      subject: parsePurl(subject),
      tags: lines.takeAll('tag').map(([name = '', version = '']) => ({ name: percentDecode(name) ?? '', version })),
      recorded: lines.take('recorded'),
    }),
  },

  keys: {
    write: record => [
      line('keys', record.namespace, isWord),
      ...inOrder(record.keys.map(keyLine)),
      recordedLine(record),
    ],
    read: (namespace, lines) => ({
      namespace,
      keys: lines.takeAll('key').map(([keyid = '', key = '', expires]) => ({ keyid, key, ...(expires !== undefined && { expires }) })),
      recorded: lines.take('recorded'),
    }),
  },

  head: {
    write: record => [
      line('head', record.origin, isOrigin),
      line('size', String(record.size), () => Number.isSafeInteger(record.size) && record.size >= 0),
      line('root', record.root, isSha256Base64),
      recordedLine(record),
    ],
    read: (origin, lines) => ({
      origin,
      size: Number(lines.take('size')),
      root: lines.take('root'),
      recorded: lines.take('recorded'),
    }),
  },

  policy: {
    write: record => [line('policy', record.digest, isSha256Digest), recordedLine(record)],
    read: (digest, lines) => ({ digest, recorded: lines.take('recorded') }),
  },

  acknowledged: {
    write: record => [
      `acknowledged ${versionPurl(record.subject)}`,
      line('incident', record.incident, isSha256Digest),
      recordedLine(record),
    ],
    read: (subject, lines) => ({
      subject: parsePurl(subject) as VersionSubject,
      incident: lines.take('incident'),
      recorded: lines.take('recorded'),
    }),
  },
}

function versionPurl(subject: VersionSubject): string {
  if (subject.version === undefined) throw new RecordError('BAD_SUBJECT', `${formatPurl(subject)} names no version.`)
  return formatPurl(subject)
}

function packagePurl(subject: PackageSubject & { version?: string }): string {
  if (subject.version !== undefined) throw new RecordError('BAD_SUBJECT', `${formatPurl(subject)} names a version, not a package.`)
  return formatPurl(subject)
}

function recordedLine({ recorded }: LogRecord): string {
  return line('recorded', recorded, isTimestamp)
}

function evidenceLine({ evidence, signature }: VersionRecord): string {
  if ((evidence === 'signed') !== (signature !== undefined)) {
    throw new RecordError('BAD_RECORD', `A record has a signature if its evidence is "signed", and only then; this evidence is ${quote(evidence)}.`)
  }
  return line('evidence', evidence, () => evidence === 'signed' || evidence === 'fetched' || evidence === 'claimed')
}

function signatureLine(signature: RegistrySignature | undefined): string | undefined {
  return signature && `signature ${checked('keyid', signature.keyid, isWord)} ${checked('signature', signature.signature, isBase64)}`
}

function takeSignature(lines: LineReader): { signature?: RegistrySignature } {
  if (!lines.has('signature')) return {}
  const [keyid = '', signature = ''] = lines.take('signature').split(' ')
  return { signature: { keyid, signature } }
}

function tagLine({ name, version }: { name: string, version: string }): string {
  return `tag ${percentEncode(checked('tag', name, isTagName))} ${checked('tagged version', version, isPackageVersion)}`
}

function keyLine({ keyid, key, expires }: RegistryKey): string {
  return `key ${checked('keyid', keyid, isWord)} ${checked('key', key, isBase64)}`
    + (expires === undefined ? '' : ` ${checked('expiry', expires, isTimestamp)}`)
}

/** Lines of one key in the order of their second words, which must differ: one set has one text. */
function inOrder(lines: string[]): string[] {
  // A space sorts before everything that can be in a word, so the order of the lines is that of their words.
  const sorted = lines.toSorted()
  const second = (one: string) => one.split(' ', 2)[1]
  const twice = sorted.find((one, i) => i > 0 && second(one) === second(sorted[i - 1]!))
  if (twice !== undefined) throw new RecordError('BAD_RECORD', `A record names ${quote(second(twice))} once, not twice.`)
  return sorted
}
