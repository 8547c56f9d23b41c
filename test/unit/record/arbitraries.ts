import fc from 'fast-check'
import type { LogRecord } from '../../../shared/record/index.ts'

const word = (alphabet: string, maxLength = 20) => fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength })

type Model<T> = { [K in keyof T]: fc.Arbitrary<T[K]> }

/** Plain objects, as the code under test makes them. */
function object<T extends object>(model: Model<T>): fc.Arbitrary<T>
function object<T extends object, const K extends keyof T>(model: Model<T>, required: K[]): fc.Arbitrary<Partial<T> & Pick<T, K>>
function object<T extends object>(model: Model<T>, required = Object.keys(model) as (keyof T)[]) {
  return fc.record(model, { requiredKeys: required, noNullPrototype: true })
}

const LETTERS = 'abcxyzABCXYZ0129'
const namePart = fc.oneof(
  word(`${LETTERS}-_.!~*'()`, 12),
  fc.constantFrom('con', 'NUL.js', 'lpt1', 'v0', 'v1', 'v2', 'v1.2', 'v10', 'a~1', '~1.x', 'a.~1', 'x.', 'a..b', '-', '_', 'hex', '~'),
)

/** Every name that npm ever accepted, the odd ones more often than they are. */
export const packageName = fc.oneof(
  namePart.filter(part => !part.startsWith('.')),
  fc.tuple(namePart.filter(part => part !== '.' && part !== '..'), namePart.filter(part => !part.startsWith('.')))
    .map(([scope, part]) => `@${scope}/${part}`),
)

export const packageVersion = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99), fc.constantFrom('', '-rc.1', '-RC1', '+build.5', '-0.x_y+B', 'beta'))
  .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`)

export const namespace = fc.constantFrom('registry.example', 'npm.acme.example:4873', 'gitlab.example/api/v4/~me/%20', '[::1]:4873')

const packageSubject = object({ name: packageName, namespace }, ['name'])
const versionSubject = object({ name: packageName, version: packageVersion, namespace }, ['name', 'version'])

const base64 = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(bytes => Buffer.from(bytes).toString('base64'))
const sha512 = base64(64).map(text => `sha512-${text}`)
const sha256 = base64(32).map(text => `sha256-${text}`)
const timestamp = fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }).map(date => date.toISOString())

const keyid = word(`${LETTERS}:/+#`)
const signature = object({ keyid, signature: fc.integer({ min: 1, max: 90 }).chain(base64) })

const version = object({
  kind: fc.constant('version' as const),
  subject: versionSubject,
  integrity: sha512,
  manifest: sha256,
  published: timestamp,
  recorded: timestamp,
  evidence: fc.constantFrom('fetched' as const, 'claimed' as const),
}, ['kind', 'subject', 'integrity', 'manifest', 'recorded', 'evidence'])

const signed = fc.tuple(version, signature).map(([record, signature]) => ({ ...record, evidence: 'signed' as const, signature }))

const conflict = object({
  kind: fc.constant('conflict' as const),
  subject: versionSubject,
  integrity: sha512,
  other: sha512,
  source: word('abc019._-'),
  recorded: timestamp,
  signature,
}, ['kind', 'subject', 'integrity', 'other', 'source', 'recorded']).filter(({ integrity, other }) => integrity !== other)

const withdrawn = object({ kind: fc.constant('withdrawn' as const), subject: versionSubject, recorded: timestamp })

/** Sorted as a record has them, so that what is read is what was written. */
const tags = object({
  kind: fc.constant('tags' as const),
  subject: packageSubject,
  tags: fc.uniqueArray(
    object({ name: fc.oneof(word(`${LETTERS}-_.~`), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 })), version: packageVersion }),
    { selector: ({ name }) => name, maxLength: 5 },
  ).map(all => all.toSorted((a, b) => Buffer.compare(Buffer.from(encoded(a.name)), Buffer.from(encoded(b.name))))),
  recorded: timestamp,
})

/** As `encodeURIComponent`, without its exceptions. */
function encoded(text: string): string {
  return Array.from(new TextEncoder().encode(text), byte => /[\w.~:-]/.test(String.fromCharCode(byte))
    ? String.fromCharCode(byte)
    : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}

const keys = object({
  kind: fc.constant('keys' as const),
  namespace,
  keys: fc.uniqueArray(
    object({ keyid, key: base64(91), expires: timestamp }, ['keyid', 'key']),
    { selector: one => one.keyid, maxLength: 4 },
  ).map(all => all.toSorted((a, b) => a.keyid < b.keyid ? -1 : 1)),
  recorded: timestamp,
})

const head = object({
  kind: fc.constant('head' as const),
  origin: fc.constantFrom('sum.example', 'go.sum database tree', 'rekor.example - 1193050959916656506', 'log.example/2026h1'),
  size: fc.maxSafeNat(),
  root: base64(32),
  recorded: timestamp,
})

const policy = object({ kind: fc.constant('policy' as const), digest: sha256, recorded: timestamp })
const acknowledged = object({
  kind: fc.constant('acknowledged' as const), subject: versionSubject, incident: sha256, recorded: timestamp,
})

export const logRecord: fc.Arbitrary<LogRecord> = fc.oneof(
  version, signed, conflict, withdrawn, tags, keys, head, policy, acknowledged,
)
