import type { KeyObject } from 'node:crypto'
import type { RegistryConfig } from '../../config/types.ts'
import type { KeyBook } from './book.ts'
import type { RecordDraft, RegistryKey, RegistrySignature, VersionSubject } from '../../../shared/record/index.ts'

/** A registry's key, ready to verify with. */
export interface SigningKey extends RegistryKey {
  readonly object: KeyObject
}

/** A version's digest with its registry's signature, as anybody may claim it. */
export interface SignedVersion {
  subject: VersionSubject
  /** The one sha512 of the tarball. */
  integrity: string
  signature: RegistrySignature
  /** ISO 8601; what an expired key is compared with. */
  published?: string
}

/** What is known of the keys of one authority. */
export type AuthorityKeys
  /** It never had any, so nobody expects a signature of it. */
  = | { state: 'none' }
  /**
   * It signs. `isConfirmed`: these are its keys as it listed them lately; else it does not answer, and these are from before.
   */
    | { state: 'known', byId: ReadonlyMap<string, SigningKey>, isConfirmed: boolean }
  /** It had keys, and now says that it has none. */
    | { state: 'vanished' }

/** What a registry said when it was asked for its keys last. */
interface KeysSaid {
  /** Milliseconds since the epoch. */
  at: number
  /** Undefined: it did not answer. */
  listed: readonly SigningKey[] | undefined
}

/** Everything that is known of keys. */
export interface KnownKeys {
  own: readonly RegistryKey[]
  book: Pick<KeyBook, 'standing' | 'remembered'>
  /** @param id of a registry, undefined: nobody asked it yet */
  saidBy(id: string): KeysSaid | undefined
}

/** The keys with which registries sign what they publish: everything that authorities ever listed. */
export interface Keyring {
  /**
   * Checks that the subject's own registry signed it.
   * @throws RegistryError `NOT_VERIFIED`; `UPSTREAM_UNAVAILABLE` if the registry's keys are not known and cannot be read
   */
  verify(signed: SignedVersion): Promise<void>
  /**
   * The keys of an authority. It is asked again if they are old, or if one that is wanted is not among them.
   * @throws RegistryError `UPSTREAM_UNAVAILABLE` if nothing is known of them and it does not answer; `LOG_UNAVAILABLE`
   */
  of(authority: RegistryConfig, wanted: Iterable<string>): Promise<AuthorityKeys>
  /**
   * All keys ever seen of authorities that are still configured, each id once, and our own. Waits a few seconds for those that
   * were never asked, and for nobody else. Never rejects.
   * @param only ids of authorities
   */
  all(only?: ReadonlySet<string>): Promise<readonly RegistryKey[]>
  /** What is remembered, and what registries said when they were asked last: nobody is asked for it. */
  known(): KnownKeys
  /** Resolves when nothing is going on any more behind what was answered. */
  settled(): Promise<void>
}

/** A broken rule, as the incidents room takes it. */
export interface KeyIncident {
  kind: 'key-clash' | 'keys-vanished'
  cause: string
  source: string
  sentence: string
  isPrivate: boolean
  evidence: {
    keys: readonly RegistryKey[]
    details: Record<string, unknown>
    asked: { source: string, registry: string, at: string }
  }
}

export type KeysDraft = Extract<RecordDraft, { kind: 'keys' }>
