import { formatPurl, parseRecord, RecordError, type VersionRecord } from '../../shared/record/index.ts'
import { RegistryError } from '../errors.ts'
import { readRequestBody, type About, type ClientLimit, type HttpRequest, type HttpResponse } from '../http/index.ts'
import { text } from './answers.ts'
import type { SumdbServices } from './types.ts'

/** Bytes; the longest record fits. */
const MAX_BODY = 64 * 1024

/** A signed record as `POST /add` takes it: with the signature that makes it one. */
type SignedDraft = Omit<VersionRecord, 'recorded' | 'signature'> & Required<Pick<VersionRecord, 'signature'>>

/**
 * Takes a signed version record and answers with its index. The registry's signature covers name, version and integrity only, so
 * nothing of what a stranger sends is stored: the version is recorded as its authority has it, and the answer is an index only if
 * that is what the stranger sent.
 * @throws RegistryError `BAD_REQUEST`, `BODY_TOO_LARGE`, `NOT_FOUND`, `NOT_VERIFIED`, `CONFLICT`, `RATE_LIMITED`, and those of
 * `recordVersion`
 */
export async function add(
  request: HttpRequest, services: SumdbServices, limit: ClientLimit, about: About,
): Promise<HttpResponse> {
  const { log, subjectOf, recordVersion, isPrivate, verifySignature } = services
  await limit.take(request.socket.remoteAddress)
  const draft = parseDraft(await readRequestBody(request, MAX_BODY))
  const { subject } = draft
  const { name, version } = subject
  if (isPrivate(name)) throw new RegistryError('NOT_FOUND', 'This name is private to the operator of this server: it is in no public log.')
  about.package = name
  if (formatPurl(subject) !== formatPurl(await subjectOf(name, version))) {
    throw new RegistryError('NOT_FOUND', `Here ${name} is routed to another registry than the record says, so this server cannot confirm it.`)
  }
  await verifySignature({ subject, integrity: draft.integrity, signature: draft.signature, published: draft.published })
  const { index, record } = await log.findVersion(subject) ?? await recordVersion(name, version)
  for (const field of ['integrity', 'manifest'] as const) {
    if (record[field] === draft[field]) continue
    throw new RegistryError('CONFLICT', `${name}@${version} is recorded with ${field} ${record[field]}, not with ${draft[field]}.`)
  }
  return text(String(index), 'no-store', about)
}

/**
 * Reads a version record without its `recorded` line, which only the log can write.
 * @throws RegistryError `BAD_REQUEST`
 */
function parseDraft(bytes: Uint8Array): SignedDraft {
  let draft: string
  try {
    draft = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new RegistryError('BAD_REQUEST', 'The body is not UTF-8 text.', { cause })
  }
  let record
  try {
    // With a time in its place it is a record, and a record has one spelling only.
    record = parseRecord(draft.replace('\nevidence ', '\nrecorded 1970-01-01T00:00:00.000Z\nevidence '))
  } catch (cause) {
    if (!(cause instanceof RecordError)) throw cause
    throw new RegistryError('BAD_REQUEST', `The body is not a version record without its "recorded" line: ${cause.message}`, { cause })
  }
  if (record.kind !== 'version' || record.evidence !== 'signed' || !record.signature) {
    throw new RegistryError('BAD_REQUEST', 'Only version records with "evidence signed" and a signature line are taken.')
  }
  const { recorded: _, ...signed } = record
  return { ...signed, signature: record.signature }
}
