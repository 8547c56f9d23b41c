export { normalizePublished } from './dates.ts'
export { RecordError } from './errors.ts'
export { canonicalDigest, incidentDigest } from './incident.ts'
export { goLookupPath, goModulePath, parseGoLookup } from './go-module.ts'
export { manifestDigest } from './manifest.ts'
export { type PackageSubject, type VersionSubject, formatPurl, parsePurl } from './purl.ts'
export { MAX_RECORD_SIZE, formatRecord, parseRecord } from './record.ts'
export { signedMessage } from './signature.ts'
export type {
  AcknowledgedRecord, ConflictRecord, HeadRecord, KeysRecord, LogRecord, PolicyRecord, RecordDraft, RegistryKey,
  RegistrySignature, TagsRecord, VersionRecord, WithdrawnRecord,
} from './types.ts'
export { isBase64, isSha512Integrity } from './values.ts'
