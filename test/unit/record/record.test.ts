import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_RECORD_SIZE, RecordError, formatRecord, isSha512Integrity, parseRecord } from '../../../shared/record/index.ts'
import type {
  AcknowledgedRecord, ConflictRecord, HeadRecord, KeysRecord, LogRecord, PolicyRecord, RegistryKey, TagsRecord, VersionRecord,
  WithdrawnRecord,
} from '../../../shared/record/index.ts'
import { logRecord } from './arbitraries.ts'

const INTEGRITY = 'sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng=='
const OTHER = `sha512-${Buffer.alloc(64).toString('base64')}`
const DIGEST = `sha256-${Buffer.alloc(32, 7).toString('base64')}`
const AT = '2026-11-21T19:46:03.120Z'
const SIGNATURE = { keyid: 'SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U', signature: 'MEUCIQ==' }

const version: VersionRecord = {
  kind: 'version',
  subject: { name: 'is-number', version: '7.0.0' },
  integrity: INTEGRITY,
  manifest: DIGEST,
  published: '2018-07-04T15:08:58.238Z',
  recorded: AT,
  evidence: 'signed',
  signature: SIGNATURE,
}
const VERSION = `version pkg:npm/is-number@7.0.0
integrity ${INTEGRITY}
manifest ${DIGEST}
published 2018-07-04T15:08:58.238Z
recorded ${AT}
evidence signed
signature ${SIGNATURE.keyid} MEUCIQ==
`
const CLAIMED = `version pkg:npm/is-number@7.0.0\nintegrity ${INTEGRITY}\nmanifest ${DIGEST}\nrecorded ${AT}\nevidence claimed\n`

const conflict: ConflictRecord = {
  kind: 'conflict',
  subject: { name: '@acme/x', version: '1.0.0', namespace: 'npm.acme.example' },
  integrity: INTEGRITY,
  other: OTHER,
  source: 'm1',
  recorded: AT,
  signature: SIGNATURE,
}
const CONFLICT = `conflict pkg:npm/%40acme/x@1.0.0?repository_url=npm.acme.example
integrity ${INTEGRITY}
other ${OTHER}
source m1
recorded ${AT}
signature ${SIGNATURE.keyid} MEUCIQ==
`

const withdrawn: WithdrawnRecord = { kind: 'withdrawn', subject: { name: 'x', version: '1.0.0' }, recorded: AT }
const WITHDRAWN = `withdrawn pkg:npm/x@1.0.0\nrecorded ${AT}\n`

const tags: TagsRecord = {
  kind: 'tags',
  subject: { name: 'x' },
  tags: [{ name: 'latest', version: '1.0.0' }, { name: '__proto__', version: '2.0.0-rc.1' }],
  recorded: AT,
}
const TAGS = `tags pkg:npm/x\ntag __proto__ 2.0.0-rc.1\ntag latest 1.0.0\nrecorded ${AT}\n`

const expiring: RegistryKey = { keyid: 'a', key: 'AAAB', expires: AT }
const keys: KeysRecord = { kind: 'keys', namespace: 'npm.acme.example', keys: [{ keyid: 'b', key: 'AAAA' }, expiring], recorded: AT }
const KEYS = `keys npm.acme.example\nkey a AAAB ${AT}\nkey b AAAA\nrecorded ${AT}\n`

const head: HeadRecord = { kind: 'head', origin: 'go.sum database tree', size: 35119576, root: DIGEST.slice(7), recorded: AT }
const HEAD = `head go.sum database tree\nsize 35119576\nroot ${DIGEST.slice(7)}\nrecorded ${AT}\n`

const policy: PolicyRecord = { kind: 'policy', digest: DIGEST, recorded: AT }
const POLICY = `policy ${DIGEST}\nrecorded ${AT}\n`

const acknowledged: AcknowledgedRecord = { kind: 'acknowledged', subject: { name: 'x', version: '1.0.0' }, incident: DIGEST, recorded: AT }
const ACKNOWLEDGED = `acknowledged pkg:npm/x@1.0.0\nincident ${DIGEST}\nrecorded ${AT}\n`

const TEXTS: [LogRecord, string][] = [
  [version, VERSION], [conflict, CONFLICT], [withdrawn, WITHDRAWN], [tags, TAGS], [keys, KEYS], [head, HEAD], [policy, POLICY],
  [acknowledged, ACKNOWLEDGED],
]

describe('the text of a record', () => {
  it.each(TEXTS)('$0.kind', (record, text) => {
    expect(formatRecord(record)).toBe(text)
    expect(formatRecord(parseRecord(text))).toBe(text)
  })

  it('leaves out what is absent', () => {
    expect(parseRecord(CLAIMED)).toStrictEqual({
      kind: 'version',
      subject: { name: 'is-number', version: '7.0.0' },
      integrity: INTEGRITY,
      manifest: DIGEST,
      recorded: AT,
      evidence: 'claimed',
    })
  })

  it('says the same for every record', () => {
    fc.assert(fc.property(logRecord, (record) => {
      const text = formatRecord(record)
      expect(parseRecord(text)).toStrictEqual(record)
      expect(formatRecord(parseRecord(text))).toBe(text)
    }), { numRuns: 2_000 })
  })

  it('is what both C2SP tools and Go tools take as an entry', () => {
    fc.assert(fc.property(logRecord, (record) => {
      const bytes = new TextEncoder().encode(formatRecord(record))
      expect(bytes.length).toBeLessThanOrEqual(MAX_RECORD_SIZE)
      // x/mod/sumdb/tlog: no control character but the line feed, no empty line, a line feed at the end.
      expect(bytes.every((byte, i) => byte === 0x0A ? i > 0 && bytes[i - 1] !== 0x0A : byte >= 0x20 && byte < 0x7F)).toBe(true)
      expect(bytes.at(-1)).toBe(0x0A)
      for (const line of formatRecord(record).split('\n')) expect(line).toBe(line.trim())
    }))
  })

  it('has as many bytes as fit into an entry bundle, and no more', () => {
    const tagsOf = (lengths: number[]): TagsRecord => ({
      kind: 'tags',
      subject: { name: 'x' },
      tags: lengths.map((length, i) => ({ name: `${String(i).padStart(3, '0')}`.padEnd(length, 'x'), version: '1.0.0' })),
      recorded: AT,
    })
    const lengths = Array.from({ length: 64 }, () => 1000)
    const rest = MAX_RECORD_SIZE - formatRecord(tagsOf(lengths)).length - 'tag  1.0.0\n'.length
    const largest = formatRecord(tagsOf([...lengths, rest]))
    expect(largest).toHaveLength(65_535)
    expect(formatRecord(parseRecord(largest))).toBe(largest)
    expect(() => formatRecord(tagsOf([...lengths, rest + 1]))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
    expect(() => parseRecord(`${largest.slice(0, -1)}x\n`)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
  })
})

describe('a text that is no record is refused', () => {
  it.each([
    ['nothing', ''],
    ['an empty line', VERSION.replace('\nmanifest', '\n\nmanifest')],
    ['an empty line at the end', `${VERSION}\n`],
    ['no line feed at the end', VERSION.slice(0, -1)],
    ['a carriage return', VERSION.replaceAll('\n', '\r\n')],
    ['a tab', VERSION.replace('recorded ', 'recorded\t')],
    ['NUL', VERSION.replace('signed', 'signed\0')],
    ['DEL', VERSION.replace('signed', 'signed\x7F')],
    ['C1', VERSION.replace('signed', 'signed\x85')],
    ['U+2028', VERSION.replace('signed', 'signed\u2028')],
    ['a lone surrogate', VERSION.replace('signed', 'signed\uD800')],
    ['a byte order mark', `\uFEFF${VERSION}`],
    ['a leading space', ` ${VERSION}`],
    ['a trailing space', VERSION.replace('evidence signed', 'evidence signed ')],
    ['two spaces', VERSION.replace('evidence signed', 'evidence  signed')],
    ['an unknown kind', VERSION.replace('version', 'release')],
    ['a kind of every object', VERSION.replace('version', 'constructor')],
    ['a kind without a subject', VERSION.replace('version pkg:npm/is-number@7.0.0', 'version')],
    ['an unknown line', VERSION.replace('evidence signed', 'evidence signed\nreason none')],
    ['a line twice', VERSION.replace('evidence signed', 'evidence signed\nevidence signed')],
    ['another order', VERSION.replace(`recorded ${AT}\nevidence signed`, `evidence signed\nrecorded ${AT}`)],
    ['a missing line', VERSION.replace(`recorded ${AT}\n`, '')],
    ['a subject without a version', VERSION.replace('@7.0.0', '')],
    ['tags of a version', `tags pkg:npm/x@1.0.0\nrecorded ${AT}\n`],
    ['another spelling of the subject', VERSION.replace('is-number', '%69s-number')],
    ['a second digest', VERSION.replace(INTEGRITY, `${INTEGRITY} ${OTHER}`)],
    ['an option behind the digest', VERSION.replace(INTEGRITY, `${INTEGRITY}?x`)],
    ['padding bits in the digest', VERSION.replace('xxng==', 'xxnh==')],
    ['a short digest', VERSION.replace('41Cifkg6', '41Cif')],
    ['a sha1 digest', VERSION.replace(INTEGRITY, 'sha1-1oIzOg2ZbnKBhCOVVfC+TDzXjrI=')],
    ['a manifest digest in another alphabet', VERSION.replace(DIGEST, DIGEST.replace(/B(?=.{3}$)/, '_'))],
    ['padding bits in the manifest digest', VERSION.replace(DIGEST, DIGEST.replace(/.=$/, 'd='))],
    ['a date that is none', VERSION.replace('2018-07-04', '2018-02-30')],
    ['a time that is none', VERSION.replace('15:08:58', '24:00:00')],
    ['a date without milliseconds', VERSION.replace('58.238Z', '58Z')],
    ['a date with an offset', VERSION.replace('58.238Z', '58.238+00:00')],
    ['unknown evidence', VERSION.replace('signed', 'trusted')],
    ['a claim with a signature', VERSION.replace('signed', 'claimed')],
    ['signed without a signature', CLAIMED.replace('claimed', 'signed')],
    ['a signature without a key', VERSION.replace(`${SIGNATURE.keyid} `, '')],
    ['a signature of three words', VERSION.replace('MEUCIQ==', 'MEUCIQ== x')],
    ['a signature that is not base64', VERSION.replace('MEUCIQ==', 'MEUCIQ')],
    ['an endless signature', VERSION.replace('MEUCIQ==', 'MEUC'.repeat(2_049))],
    ['a conflict with itself', CONFLICT.replace(OTHER, INTEGRITY)],
    ['tags out of order', `tags pkg:npm/x\ntag b 1.0.0\ntag a 1.0.0\nrecorded ${AT}\n`],
    ['a tag twice', `tags pkg:npm/x\ntag a 1.0.0\ntag a 2.0.0\nrecorded ${AT}\n`],
    ['a tag with another spelling', `tags pkg:npm/x\ntag %61 1.0.0\nrecorded ${AT}\n`],
    ['a tag that is not UTF-8', `tags pkg:npm/x\ntag %FF 1.0.0\nrecorded ${AT}\n`],
    ['a tag of no version', `tags pkg:npm/x\ntag latest\nrecorded ${AT}\n`],
    ['a key twice', `keys x.example\nkey a AAAA\nkey a AAAB\nrecorded ${AT}\n`],
    ['a key of four words', `keys x.example\nkey a AAAA ${AT} x\nrecorded ${AT}\n`],
    ['a size with a leading zero', HEAD.replace('size 3', 'size 03')],
    ['a size in hexadecimal', HEAD.replace('35119576', '0x10')],
    ['a size that is not exact', HEAD.replace('35119576', '9007199254740993')],
    ['a negative size', HEAD.replace('size ', 'size -')],
    ['a short root', HEAD.replace('root B', 'root ')],
    ['an acknowledgement of no incident', `acknowledged pkg:npm/x@1.0.0\nrecorded ${AT}\n`],
    ['an acknowledgement by another digest', ACKNOWLEDGED.replace(DIGEST, INTEGRITY)],
    ['an acknowledgement of a whole package', ACKNOWLEDGED.replace('@1.0.0', '')],
    ['a policy of another digest', `policy ${INTEGRITY}\nrecorded ${AT}\n`],
  ])('%s', (_, text) => {
    expect(() => parseRecord(text)).toThrow(RecordError)
  })

  it('with one clear sentence of printable ASCII', () => {
    const messageOf = (text: string) => {
      try {
        parseRecord(text)
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(messageOf(VERSION.replace('evidence signed\n', ''))).toBe(
      `The record has the line "signature SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U MEUCIQ==" where its line "evidence" belongs.`,
    )
    expect(messageOf(`${POLICY}more x\n`)).toBe('The record has the line "more x" where it should end.')
    expect(messageOf(VERSION.replace('signed', 'signed\u2028'))).toBe('The record has the character U+2028; only printable ASCII and line feeds are allowed.')
    expect(messageOf(`tags pkg:npm/${'x'.repeat(200)}@\nrecorded ${AT}\n`)).toMatch(/^[ -~]{1,200}\.$/)
  })

  it('or says something else after any change of one byte', () => {
    fc.assert(fc.property(logRecord, fc.nat(), fc.integer({ min: 1, max: 255 }), (record, position, difference) => {
      const text = formatRecord(record)
      const bytes = new TextEncoder().encode(text)
      bytes[position % bytes.length]! ^= difference
      const changed = new TextDecoder().decode(bytes)
      const parsed = tryParse(changed)
      if (parsed !== undefined) {
        expect(parsed).not.toStrictEqual(record)
        expect(formatRecord(parsed)).toBe(changed)
      }
    }), { numRuns: 5_000 })
  })

  it('whatever it is', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(...TEXTS.flatMap(([, text]) => text.split('\n'))),
      fc.tuple(fc.constantFrom('version', 'tags', 'keys', 'head', 'tag', 'key', 'signature', '__proto__'), fc.string()).map(words => words.join(' ')),
    )
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.array(line, { maxLength: 8 }).map(lines => `${lines.join('\n')}\n`))
    fc.assert(fc.property(text, (text) => {
      const parsed = tryParse(text)
      if (parsed !== undefined) expect(formatRecord(parsed)).toBe(text)
    }), { numRuns: 5_000 })
  })
})

describe('a record without a text is refused', () => {
  it.each([
    ['a kind that is none', { ...version, kind: 'toString' }],
    ['a subject without a version', { ...version, subject: { name: 'x' } }],
    ['a name that is a path', { ...version, subject: { name: '../x', version: '1.0.0' } }],
    ['a line in a value', { ...version, published: `${AT}\nevidence signed` }],
    ['a digest that is missing', { ...version, integrity: undefined }],
    ['a tag that is not text', { kind: 'tags', subject: { name: 'x' }, tags: [{ name: '\uD800', version: '1.0.0' }], recorded: AT }],
    ['a tag twice', { kind: 'tags', subject: { name: 'x' }, tags: [{ name: 'a', version: '1.0.0' }, { name: 'a', version: '1.0.0' }], recorded: AT }],
    ['a size that is not whole', { ...head, size: 1.5 }],
    ['a tag of no version', { ...tags, tags: [{ name: 'latest', version: '*' }] }],
    ['a source of two words', { ...conflict, source: 'm 1' }],
    ['an origin with a space before it', { ...head, origin: ' go.sum' }],
    ['a namespace of two words', { ...keys, namespace: 'npm.acme.example x' }],
  ])('%s', (_, record) => {
    expect(() => formatRecord(record as unknown as LogRecord)).toThrow(RecordError)
  })
})

describe('isSha512Integrity', () => {
  it('takes exactly one sha512 digest in its one spelling', () => {
    expect(isSha512Integrity(INTEGRITY)).toBe(true)
    for (const other of ['', 'sha512-', `${INTEGRITY} `, `${INTEGRITY}\n`, `${INTEGRITY} ${OTHER}`, `${INTEGRITY}?x`, INTEGRITY.slice(0, -2), INTEGRITY.replace('xxng==', 'xxnh=='), DIGEST]) {
      expect(isSha512Integrity(other)).toBe(false)
    }
  })
})

/** Undefined for a text that is refused; whatever else is thrown fails the test. */
function tryParse(text: string): LogRecord | undefined {
  try {
    return parseRecord(text)
  } catch (error) {
    expect(error).toBeInstanceOf(RecordError)
    return undefined
  }
}
