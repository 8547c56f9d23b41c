import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import canonicalize from 'canonicalize'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createIncidents, type Incidents } from '../../../server/incidents/index.ts'
import { acknowledgeIncident, createBundles } from '../../../server/incidents-api/index.ts'
import { createConflicts } from '../../../server/verify/conflicts.ts'
import type { Log } from '../../../server/log/index.ts'
import { BundleError, checkBundle, type Finding } from '../../../shared/incident-bundle/index.ts'
import { canonicalDigest, incidentDigest, parseRecord, type RegistryKey, type VersionRecord } from '../../../shared/record/index.ts'
import type { IncidentBundle } from '../../../shared/types/incidents.ts'
import { createSigningKey } from '../../fixtures/registry/signing.ts'
import { open, place, version, versions } from '../log/fixture.ts'
import { createQuarantine } from '../../../server/registry/index.ts'

const quarantine = createQuarantine()

const LIE = Buffer.from('these are not the bytes that were published')
const STANDS = `sha512-${Buffer.alloc(64, 1).toString('base64')}`
const OTHER = `sha512-${createHash('sha512').update(LIE).digest('base64')}`
const NPM = { id: 'npm', url: 'https://npm.example/', namespace: 'npm.example', role: 'authority' as const, origin: 'test', tls: { rejectUnauthorized: true } }

const key = createSigningKey()
const published: RegistryKey = { keyid: key.served.keyid, key: key.served.key }
function signature(integrity: string, by = key) {
  const { keyid, sig } = by.sign(`x@1.0.0:${integrity}`)
  return { keyid, signature: sig }
}

interface Made {
  log: Log
  incidents: Incidents
  bundle(options?: { isTakenDown?: boolean, withPrivate?: boolean }): Promise<{ text: string, parsed: IncidentBundle }>
}

interface Options {
  keys?: RegistryKey[]
  /** Whether the log has a record of the keys. */
  isRecorded?: boolean
  claimedBy?: typeof key
  isPrivate?: boolean
}

/** A registry replaced a version, after which the log went on. */
async function conflict(options: Options = {}): Promise<Made> {
  const { keys = [published], isRecorded = true, claimedBy = key, isPrivate = false } = options
  const { log, database, close } = await open(place())
  const incidents = createIncidents(database, () => {})
  await log.record(versions('a', 7))
  if (isRecorded) await log.record([{ kind: 'keys', namespace: 'npm.example', keys: [published] }])
  const draft = { ...version('x', '1.0.0', STANDS), evidence: 'signed', signature: signature(STANDS) } as const
  const [standing] = isPrivate
    ? [{ record: { ...draft, recorded: '2026-01-01T00:00:00.000Z' }, index: undefined }]
    : await log.record([draft])
  const record = standing!.record as VersionRecord
  await createConflicts({ log, incidents, keys: () => keys }).note([{
    standing: { record, index: standing!.index, integrity: record.integrity }, other: OTHER, source: NPM,
    claimed: { integrity: OTHER, sha512: OTHER, signatures: [signature(OTHER, claimedBy)] },
  }], isPrivate)
  await log.record(versions('b', 300))
  onTestFinished(close)
  return {
    log, incidents,
    async bundle({ isTakenDown = false, withPrivate = false } = {}) {
      const bundles = createBundles({
        incidents, log, isTakenDown: () => isTakenDown,
        store: {
          find: async integrity => integrity === OTHER ? { size: LIE.length, integrity } : undefined,
          open: async () => Readable.from([LIE]),
        },
      })
      const { text } = await bundles.make('1', withPrivate)
      return { text, parsed: JSON.parse(text) as IncidentBundle }
    },
  }
}

const check = (text: string, trust: Parameters<typeof checkBundle>[1] = { known: [] }) => checkBundle(Buffer.from(text), trust)
const sentences = (findings: readonly Finding[], state: Finding['state']) =>
  findings.filter(finding => finding.state === state).map(({ sentence }) => sentence)

/** What a forger can do: everything in the file agrees with itself again. */
function forge(bundle: IncidentBundle, change: (bundle: IncidentBundle) => void): string {
  const forged = structuredClone(bundle)
  change(forged)
  forged.incident.digest = incidentDigest(forged.incident)
  const { digest: _, ...rest } = forged
  return `${canonicalize({ ...rest, digest: canonicalDigest(rest) })}\n`
}

describe('the file of an incident', () => {
  it('proves a conflict to whoever has the log\'s key: who recorded and who signed what, and the bytes', async () => {
    const { log, bundle } = await conflict()
    const { text } = await bundle()
    const { findings, trust } = await check(text, { vkey: log.vkey, known: [] })
    expect(trust).toBe('given')
    expect(sentences(findings, 'contradiction')).toEqual([])
    expect(sentences(findings, 'unproven')).toEqual([])
    expect(sentences(findings, 'verified')).toEqual([
      'The file is undamaged.',
      'The log localhost signed a tree of 310 records in which the 3 records of this file are.',
      expect.stringMatching(/^The log has recorded sha512-AQEB\S+ for pkg:npm\/x@1\.0\.0 at \S+ \(record 8, evidence: signed\)\.$/),
      expect.stringMatching(new RegExp(`^The log has recorded at \\S+ that npm gave ${OTHER.replaceAll('+', '\\+')} \\(record 9\\)\\.$`)),
      `The two digests differ: ${STANDS} stands, ${OTHER} was given.`,
      expect.stringMatching(/^The log has recorded at \S+ that npm\.example publishes these keys \(record 7\)\.$/),
      `Key ${published.keyid} signed the digest that stands.`,
      `Key ${published.keyid} signed the digest that was given.`,
      `The registry's keys signed two digests for one version (${published.keyid}): they were misused.`,
      `The ${LIE.length} bytes in the file have the digest that was given.`,
    ])
  })

  it('says whose key it was checked with', async () => {
    const { log, bundle } = await conflict()
    const { text } = await bundle()
    expect((await check(text)).trust).toBe('unknown')
    expect((await check(text, { known: ['x', log.vkey] })).trust).toBe('known')
    const { log: another } = await conflict()
    expect(sentences((await check(text, { vkey: another.vkey, known: [] })).findings, 'contradiction').join()).toContain('is not proven')
    await expect(check(text, { vkey: 'x', known: [] })).rejects.toThrow(BundleError)
  })

  it('holds the acknowledgement too, once there is one, and it replaces nothing', async () => {
    const { log, incidents, bundle } = await conflict()
    const body = { by: 'me', reason: 'The registry was asked.' }
    quarantine.add('npm', 'pkg:npm/x@1.0.0')
    const acknowledged = await acknowledgeIncident({ incidents, log, quarantine }, '1', body)
    const record = parseRecord((await log.texts(acknowledged.acknowledged!.record!, 1e6))[0]!)
    expect(record).toMatchObject({ kind: 'acknowledged', subject: { name: 'x', version: '1.0.0' }, incident: acknowledged.digest })
    const twice = acknowledgeIncident({ incidents, log, quarantine }, '1', body)
    await expect(twice).rejects.toMatchObject({ code: 'ALREADY_ACKNOWLEDGED', status: 409 })
    // Whoever lied may be asked again.
    expect(quarantine.has('npm', 'pkg:npm/x@1.0.0')).toBe(false)
    expect((await log.findVersion({ name: 'x', version: '1.0.0' }))!.integrity).toBe(STANDS)
    const { findings } = await check((await bundle()).text)
    expect(sentences(findings, 'contradiction')).toEqual([])
    expect(sentences(findings, 'verified').join()).toContain('that an operator acknowledged this incident (record 310)')
  })

  it.each([{}, { by: 'me' }, { by: '', reason: 'x' }, { by: 'me', reason: ' ' }, { by: 'me', reason: 'x', more: 1 }, { by: 'x'.repeat(201), reason: 'x' }, null, 'x'])(
    'is not acknowledged by %j', async (body) => {
      const { log, incidents } = await conflict()
      await expect(acknowledgeIncident({ incidents, log, quarantine }, '1', body)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
      expect((await log.head()).size).toBe(310)
    })

  it('of a private name has nothing of the log, and is for operators', async () => {
    const { log, incidents, bundle } = await conflict({ isPrivate: true, isRecorded: false })
    await expect(bundle()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const { text, parsed } = await bundle({ withPrivate: true })
    expect(parsed.log).toBeNull()
    expect(parsed.records).toEqual([])
    const { findings } = await check(text)
    expect(sentences(findings, 'contradiction')).toEqual([])
    expect(sentences(findings, 'verified').join()).toContain('The two digests differ')
    const { size } = await log.head()
    expect((await acknowledgeIncident({ incidents, log, quarantine }, '1', { by: 'me', reason: 'x' })).acknowledged!.record).toBeNull()
    expect((await log.head()).size).toBe(size)
  })

  it('says what it does not prove', async () => {
    const unrecorded = await check((await (await conflict({ isRecorded: false })).bundle()).text)
    expect(sentences(unrecorded.findings, 'unproven').join()).toContain('That the keys are the registry\'s is not proven')
    const keyless = await check((await (await conflict({ keys: [] })).bundle()).text)
    expect(sentences(keyless.findings, 'unproven').join()).toContain('The file has no keys of the registry')
    const foreign = await check((await (await conflict({ claimedBy: createSigningKey() })).bundle()).text)
    expect(sentences(foreign.findings, 'unproven').join()).toContain('the file does not have key')
    expect(sentences(foreign.findings, 'verified').join()).not.toContain('misused')
    const { parsed, text } = await (await conflict()).bundle({ isTakenDown: true })
    expect(parsed.bytes).toEqual({ sha512: OTHER, size: LIE.length, base64: null })
    expect(sentences((await check(text)).findings, 'unproven').join()).toContain('not in the file')
  })
})

async function checkUnlessUnusable(bytes: Uint8Array): Promise<readonly Finding[] | undefined> {
  try {
    return (await checkBundle(bytes, { known: [] })).findings
  } catch (error) {
    if (error instanceof BundleError) return undefined
    throw error
  }
}

describe('a file that was changed', () => {
  it('is noticed, whichever byte it is', async () => {
    const bytes = Buffer.from((await (await conflict()).bundle()).text)
    // Every byte of the beginning and the end, and some of each other part.
    for (let at = 0; at < bytes.length; at += at < 300 || at > bytes.length - 300 ? 1 : 13) {
      const flipped = Buffer.from(bytes)
      flipped[at] = flipped[at]! ^ 1 << at % 8
      const findings = await checkUnlessUnusable(flipped)
      if (!findings) continue
      expect(sentences(findings, 'contradiction'), `byte ${at}`).not.toEqual([])
    }
  }, 120_000)

  it('by formatting is noticed too', async () => {
    const { text, parsed } = await (await conflict()).bundle()
    expect(sentences((await check(JSON.stringify(parsed, null, 2))).findings, 'contradiction')).toEqual([expect.stringContaining('not as it was written')])
    expect(sentences((await check(text.trimEnd())).findings, 'contradiction')).toHaveLength(1)
  })

  it.each<[string, (bundle: IncidentBundle) => void, string]>([
    ['another standing digest', ({ incident }) => {
      const recorded = incident.evidence.recorded as { text: string }
      recorded.text = recorded.text.replace(STANDS, `sha512-${Buffer.alloc(64, 9).toString('base64')}`)
    }, 'is not what the log has there'],
    ['another given digest', ({ incident, bytes }) => {
      incident.evidence.claimed!.sha512 = bytes!.sha512 = `sha512-${Buffer.alloc(64, 9).toString('base64')}`
    }, 'The conflict of record 9 is another one'],
    ['another source', ({ incident }) => {
      incident.source = 'innocent'
    }, 'The conflict of record 9 is another one'],
    ['another version', ({ incident }) => {
      incident.subject = 'pkg:npm/x@1.0.1'
    }, 'Record 8 is not about pkg:npm/x@1.0.1'],
    ['another key', ({ incident }) => {
      incident.evidence.keys = [{ keyid: published.keyid, key: createSigningKey().served.key }]
    }, 'did not sign the digest that stands, although the log says so'],
    ['other bytes', ({ bytes }) => {
      bytes!.base64 = Buffer.from('x'.repeat(LIE.length)).toString('base64')
    }, 'do not have the digest and size'],
    ['a record less', ({ records }) => {
      records.pop()
    }, 'Record 9 is not about this incident'],
    ['a record more', ({ records }) => {
      records[0]!.index = 5
    }, 'The proof of record 5 is that of record 7'],
    ['another record', ({ records }) => {
      records[1]!.text = records[1]!.text.replace('evidence signed', 'evidence fetched')
    }, 'Record 8 is not proven'],
    ['an acknowledgement', ({ incident, records }) => {
      incident.acknowledged = { by: 'me', reason: 'x', at: '2026-01-01T00:00:00.000Z', record: records[2]!.index }
    }, 'is no acknowledgement of this incident'],
    ['the lie as what stands', ({ incident }) => {
      incident.evidence.claimed!.sha512 = STANDS
    }, 'that is no conflict'],
    ['another origin', ({ log }) => {
      log!.origin = 'sum.example'
    }, 'its key is that of localhost'],
    ['no log', (bundle) => {
      bundle.log = null
    }, 'records, but says that they are of no log'],
  ])('to say %s is noticed, however well it is done', async (_, change, why) => {
    const { log, bundle } = await conflict()
    const { findings } = await check(forge((await bundle()).parsed, change), { vkey: log.vkey, known: [] })
    expect(sentences(findings, 'contradiction').join()).toContain(why)
    expect(sentences(findings, 'verified')).toContain('The file is undamaged.')
  })

  it.each(['', 'x', '[]', '{}', '{"format":"npmx-incident@v2"}', '{"format":"npmx-incident@v1"}', 'null', '\ufeff{}'])('to %j is no such file', async (text) => {
    await expect(check(text)).rejects.toThrow(BundleError)
  })
})
