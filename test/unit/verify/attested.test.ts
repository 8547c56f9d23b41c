import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { misattested } from '../../../server/verify/attested.ts'

const hex = createHash('sha512').update('bytes').digest('hex')
const integrity = `sha512-${Buffer.from(hex, 'hex').toString('base64')}`
const payload = (statement: unknown) => Buffer.from(JSON.stringify(statement)).toString('base64')
const bundle = (...subject: unknown[]) => ({ dsseEnvelope: { payload: payload({ subject }), payloadType: 'application/vnd.in-toto+json' } })
const document = (...bundles: unknown[]) => ({ attestations: bundles.map(one => ({ predicateType: 'https://slsa.dev/provenance/v1', bundle: one })) })
const right = { name: 'pkg:npm/%40s/x@1.0.0', digest: { sha512: hex } }
const check = (value: unknown) => misattested(value, '@s/x', '1.0.0', integrity)

describe('attestations', () => {
  it('are about a version and its recorded bytes', () => {
    expect(check(document(bundle(right), bundle(right)))).toEqual([])
    expect(misattested(document(bundle({ ...right, name: 'pkg:npm/x@1.0.0-rc.1+b' })), 'x', '1.0.0-rc.1+b', integrity)).toEqual([])
  })

  it.each([[null], [[]], ['x'], [{}], [{ attestations: {} }], [document()], [{ attestations: [{ predicateType: 'x' }, null] }]])('are none: %j', (value) => {
    expect(check(value)).toEqual([])
  })

  it.each([
    ['other bytes', { ...right, digest: { sha512: hex.replace(/^./, digit => digit === '0' ? '1' : '0') } }],
    ['another version', { ...right, name: 'pkg:npm/%40s/x@1.0.1' }],
    ['another package', { ...right, name: 'pkg:npm/%40s/y@1.0.0' }],
    ['another spelling', { ...right, name: 'pkg:npm/@s/x@1.0.0' }],
  ])('are about %s', (_, subject) => {
    expect(check(document(bundle(subject)))).toEqual([
      { predicateType: 'https://slsa.dev/provenance/v1', subject: { name: subject.name, sha512: subject.digest.sha512 } },
    ])
    // Neither a good one beside it nor a good subject behind it helps: npm looks at the first.
    expect(check(document(bundle(right), bundle(subject, right)))).toHaveLength(1)
  })

  it.each([
    ['no envelope', {}], ['another envelope', { messageSignature: {} }], ['no payload', { dsseEnvelope: {} }],
    ['a payload that is no JSON', { dsseEnvelope: { payload: '%%%' } }], ['null', { dsseEnvelope: { payload: payload(null) } }],
    ['no subject', bundle()], ['no digest', bundle({ name: right.name })], ['a weak digest', bundle({ name: right.name, digest: { sha1: 'x' } })],
    ['a subject that is no object', bundle('x')], ['a digest that is no text', bundle({ name: right.name, digest: { sha512: [hex] } })],
  ])('are about nothing: %s', (_, broken) => {
    expect(check(document(broken))).toEqual([{ predicateType: 'https://slsa.dev/provenance/v1' }])
  })

  it('are not read without end', () => {
    expect(check(document(...Array.from({ length: 101 }, () => bundle(right))))).toEqual([{ predicateType: '101 attestations' }])
    const [long] = check(document(bundle({ name: 'x'.repeat(10_000), digest: { sha512: 'y'.repeat(10_000) } })))
    expect(long!.subject!.name.length + long!.subject!.sha512.length).toBe(1_024)
  })
})
