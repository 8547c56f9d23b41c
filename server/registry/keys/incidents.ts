import { createHash } from 'node:crypto'
import type { RegistryConfig } from '../../config/types.ts'
import { label } from '../request.ts'
import type { Clash } from './book.ts'
import { plainKey } from './document.ts'
import type { KeyIncident, SigningKey } from './types.ts'

interface Context {
  /** The registry that was asked. */
  registry: RegistryConfig
  isPrivate: boolean
  /** Milliseconds since the epoch. */
  now: number
}

/** A registry listed another key under a key id that is taken. */
export function keyClash({ refused, standing }: Clash, context: Context): KeyIncident {
  const { registry, isPrivate } = context
  const { keyid } = refused
  return {
    kind: 'key-clash',
    cause: `key-clash ${keyid} ${fingerprint(refused.key)} ${registry.id}`,
    source: registry.id,
    isPrivate,
    sentence: `Registry ${label(registry)} lists another key under the id ${keyid} than ${standing.namespace} had first. It is refused and verifies nothing; `
      + 'ask both registries which of the two keys is real.',
    evidence: {
      keys: [plainKey(standing.key), plainKey(refused)],
      details: { standing: standing.namespace, refused: registry.namespace },
      asked: asked(context),
    },
  }
}

/** A registry that had keys says that it has none. */
export function keysVanished(remembered: readonly SigningKey[], said: string | undefined, context: Context): KeyIncident {
  const { registry, isPrivate } = context
  const keys = remembered.map(plainKey)
  return {
    kind: 'keys-vanished',
    cause: `keys-vanished ${registry.namespace} ${fingerprint(keys.map(({ keyid }) => keyid).toSorted().join(' '))} ${registry.id}`,
    source: registry.id,
    isPrivate,
    sentence: `Registry ${label(registry)} published signing keys and no longer does. Its new versions are not served until it does again; ask its operator.`,
    evidence: { keys, details: said === undefined ? {} : { said }, asked: asked(context) },
  }
}

function asked({ registry, now }: Context): KeyIncident['evidence']['asked'] {
  return { source: registry.id, registry: registry.url, at: new Date(now).toISOString() }
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}
