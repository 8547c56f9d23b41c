import { beforeEach, describe, expect, it } from 'vitest'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { describeLog, listCheckpoints, listEntries, showEntry, writeCsv } from '../../../server/log-api/index.ts'
import { createRoutes } from '../../../server/registry/index.ts'
import { checkInclusion, createVerifier, decodeBase64, leafHash, openCheckpoint, verifyEd25519 } from '../../../shared/tlog/index.ts'
import { createMemoryLog, versionDraft, type MemoryLog } from '../sumdb/memory-log.ts'

const registry = (id: string): RegistryConfig =>
  ({ id, url: `https://${id}.example/`, namespace: `${id}.example`, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true } })
const routes = createRoutes({
  registries: [registry('npm'), registry('acme')],
  routes: [{ match: ['@acme/both'], registry: ['npm', 'acme'] }, { match: ['@acme/*'], registry: 'acme' }],
  private: [],
})

let log: MemoryLog
const list = (query = '') => listEntries(log, routes, new URLSearchParams(query))
const indexes = async (query: string) => (await list(query)).entries.map(({ index }) => index)
const badRequest = (sentence: RegExp) => expect.objectContaining({ code: 'BAD_REQUEST', message: expect.stringMatching(sentence) as string }) as Error

beforeEach(() => {
  log = createMemoryLog()
  log.append(...Array.from({ length: 300 }, (_, n) => versionDraft(n % 3 === 0 ? '@s/third' : 'x', `1.0.${n}`)))
  const subject = { name: '@acme/y', version: '1.0.0' }
  log.append(
    versionDraft('@acme/y', '1.0.0'), versionDraft('@acme/y', '1.0.0', { subject: { ...subject, namespace: 'acme.example' } }),
    { kind: 'withdrawn', subject: { name: 'x', version: '1.0.1' } },
  )
})

describe('entries', () => {
  it('are newest first, with what they say', async () => {
    const { size, entries, next } = await list()
    expect([size, entries.length, next]).toEqual([303, 50, 253])
    expect(entries[0]).toEqual({
      index: 302, text: log.allTexts[302], record: { kind: 'withdrawn', subject: { name: 'x', version: '1.0.1' }, recorded: '2026-01-01T00:05:02.000Z' },
    })
    expect(entries.map(({ index }) => index)).toEqual(Array.from({ length: 50 }, (_, n) => 302 - n))
  })

  it('are all there, page after page', async () => {
    for (const limit of [7, 100, 101, 200]) {
      const seen: number[] = []
      for (let before: number | null | undefined; before !== null;) {
        const { entries, next } = await list(`limit=${limit}${before === undefined ? '' : `&before=${before}`}`)
        seen.push(...entries.map(({ index }) => index))
        before = next
      }
      expect(seen).toEqual(Array.from({ length: 303 }, (_, n) => 302 - n))
    }
  })

  it('are found by kind, package and the beginning of names', async () => {
    expect(await indexes('kind=withdrawn')).toEqual([302])
    expect(await indexes('kind=policy')).toEqual([])
    expect(await indexes('package=@s/third&limit=3')).toEqual([297, 294, 291])
    expect(await indexes('package=%40s%2Fthird&before=3')).toEqual([0])
    expect(await indexes('package=@acme/y')).toEqual([301])
    expect(await indexes('q=@acme')).toEqual([301, 300])
    expect(await indexes('q=x&kind=withdrawn')).toEqual([302])
    expect(await indexes('registry=acme.example')).toEqual([301])
    expect(await indexes('registry=npm.example&kind=version&limit=2')).toEqual([300, 299])
    expect(await indexes('registry=nobody.example')).toEqual([])
    expect(await indexes('evidence=claimed&limit=1')).toEqual([301])
    expect(await indexes('evidence=fetched')).toEqual([])
    expect(await indexes('before=0')).toEqual([])
    expect(await indexes('before=9007199254740991&limit=1')).toEqual([302])
  })

  it('of a name that is routed to several registries are those of all of them', async () => {
    const subject = { name: '@acme/both', version: '1.0.0' }
    log.append(
      versionDraft('@acme/both', '1.0.0'), versionDraft('@acme/both', '1.0.0', { subject: { ...subject, namespace: 'acme.example' } }),
      versionDraft('@acme/both', '1.0.1'),
    )
    expect(await indexes('package=@acme/both')).toEqual([305, 304, 303])
    expect(await list('package=@acme/both&limit=2')).toMatchObject({ entries: [{ index: 305 }, { index: 304 }], next: 304 })
    expect(await indexes('package=@acme/both&limit=2&before=304')).toEqual([303])
  })

  it.each<[query: string, sentence: RegExp]>([
    ['limit=0', /limit must be from 1 to 200/], ['limit=201', /limit must be/], ['limit=', /limit must be a whole number/], ['limit=1e2', /limit/], ['limit=+5', /limit/],
    ['limit=05', /limit/], ['before=-1', /before must be/], ['before=00', /before/], ['before=9007199254740992', /before/], ['before=1.5', /before/], ['before=0x1', /before/],
    ['before=%E0%A4%A', /before/], ['before=١', /before/], ['kind=', /kind must be one of version, conflict/], ['kind=Version', /kind/], ['kind=__proto__', /kind/],
    ['evidence=', /evidence must be one of signed, fetched, claimed/], ['evidence=SIGNED', /evidence/], ['registry=', /registry must be the namespace/],
    ['registry=a b', /registry/], ['format=xml', /format must be one of json, csv/], ['package=', /package must be the name/], ['package=../x', /package/], ['package=a%00', /package/], ['package=@s', /package/], ['q=', /q must be the beginning/],
    ['q=a%0a', /q must/], ['q=a b', /q must/], [`q=${'x'.repeat(215)}`, /q must/], ['q=caf%C3%A9', /q must/], ['limt=5', /only the parameters before, limit, kind, evidence, registry, package, q, format here/],
    ['limit=5&limit=6', /limit can be given only once/], ['__proto__=1', /only the parameters/], ['package[]=x', /only the parameters/],
  ])('%s is refused in one sentence', async (query, sentence) => {
    await expect(list(query)).rejects.toThrow(badRequest(sentence))
  })
})

describe('a page of few', () => {
  it('is followed by another one, where only a part was looked at', async () => {
    const { list: all } = log
    log.list = async query => ({ ...await all(query), from: 120 })
    expect(await list('q=@acme')).toMatchObject({ entries: [{ index: 301 }, { index: 300 }], next: 120 })
    expect(await list('q=nobody')).toMatchObject({ entries: [], next: 120 })
    expect(await list('q=x&limit=2')).toMatchObject({ entries: [{ index: 302 }, { index: 299 }], next: 299 })
  })
})

describe('CSV', () => {
  it('has the same entries, and no cell that is a formula', async () => {
    const headers: Record<string, string | number> = {}
    const query = new URLSearchParams('limit=3&format=csv')
    const csv = writeCsv(await listEntries(log, routes, query), query, { headers }).toString()
    const { integrity } = versionDraft('@acme/y', '1.0.0')
    expect(csv).toBe([
      'index,kind,subject,package,version,evidence,integrity,recorded',
      '302,withdrawn,pkg:npm/x@1.0.1,x,1.0.1,,,2026-01-01T00:05:02.000Z',
      `301,version,pkg:npm/%40acme/y@1.0.0?repository_url=acme.example,'@acme/y,1.0.0,claimed,${integrity},2026-01-01T00:05:01.000Z`,
      `300,version,pkg:npm/%40acme/y@1.0.0,'@acme/y,1.0.0,claimed,${integrity},2026-01-01T00:05:00.000Z`, '',
    ].join('\r\n'))
    expect(headers).toMatchObject({ 'content-type': expect.stringMatching(/^text\/csv; charset=utf-8/) as string, 'link': '<?limit=3&format=csv&before=300>; rel="next"' })
  })

  it('says of what is about no package whose it is', async () => {
    log.append({ kind: 'keys', namespace: '=cmd|calc', keys: [] })
    const query = new URLSearchParams('limit=1&kind=keys')
    const headers: Record<string, string | number> = {}
    const csv = writeCsv(await listEntries(log, routes, query), query, { headers }).toString()
    expect(csv.split('\r\n')[1]).toBe('303,keys,\'=cmd|calc,,,,,2026-01-01T00:05:03.000Z')
    expect(headers.link).toBe('<?limit=1&kind=keys&before=303>; rel="next"')
  })
})

describe('an entry', () => {
  it.each([0, 1, 255, 256, 302])('%s can be verified', async (index) => {
    const { text, record, leafHash: leaf, proof, checkpoint, previous, next } = await showEntry(log, String(index))
    expect(text).toBe(log.allTexts[index])
    expect(record.recorded).toBe(/recorded (.*)/.exec(text)![1])
    expect([previous, next]).toEqual([index === 0 ? null : index - 1, index === 302 ? null : index + 1])
    const { size, root } = openCheckpoint(checkpoint, createVerifier(log.vkey, verifyEd25519))
    expect(decodeBase64(leaf)).toEqual(leafHash(new TextEncoder().encode(text)))
    expect([proof.size, decodeBase64(proof.root)]).toEqual([size, root])
    checkInclusion({ index, size, root, leaf: decodeBase64(leaf), hashes: proof.hashes.map(decodeBase64) })
  })

  it.each(['303', '9007199254740991'])('%s is not there', async (index) => {
    await expect(showEntry(log, index)).rejects
      .toMatchObject({ code: 'NOT_FOUND', message: `The log has 303 entries, and none with index ${index}.` })
  })

  it.each(['', '-1', '01', '1.0', 'x', '9007199254740992', '1e1', ' 1', '99999999999999999999', '../1'])('%j is no index', async (index) => {
    await expect(showEntry(log, index)).rejects.toThrow(badRequest(/^The index of an entry must be a whole number/))
  })
})

describe('checkpoints', () => {
  it('are newest first', async () => {
    const { checkpoints, next } = await listCheckpoints(log, new URLSearchParams())
    expect(checkpoints.map(({ size, time }) => [size, time])).toEqual([
      [303, '2026-01-01T00:05:03.000Z'], [300, '2026-01-01T00:05:00.000Z'], [0, '2026-01-01T00:00:00.000Z'],
    ])
    expect(next).toBeNull()
    const verifier = createVerifier(log.vkey, verifyEd25519)
    for (const { size, root, checkpoint } of checkpoints) {
      const opened = openCheckpoint(checkpoint, verifier)
      expect(opened).toMatchObject({ size, root: decodeBase64(root) })
    }
  })

  it('come in pages', async () => {
    const first = await listCheckpoints(log, new URLSearchParams('limit=1'))
    expect([first.checkpoints.map(({ size }) => size), first.next]).toEqual([[303], 303])
    const second = await listCheckpoints(log, new URLSearchParams('limit=1&before=303'))
    expect([second.checkpoints.map(({ size }) => size), second.next]).toEqual([[300], 300])
  })

  it.each(['limit=x', 'before=x', 'kind=version'])('refuse %s', async (query) => {
    await expect(listCheckpoints(log, new URLSearchParams(query))).rejects.toThrow(badRequest(/parameter/))
  })
})

it('the log describes itself', async () => {
  const { root } = await log.head()
  expect(await describeLog(log)).toEqual({
    origin: 'sum.example', vkey: log.vkey, goVkey: log.goVkey, size: 303, root: Buffer.from(root).toString('base64'), time: '2026-01-01T00:05:03.000Z', state: 'ok',
    namespaces: ['npm.example'],
  })
  log.status = () => ({ state: 'read-only', reason: 'Its disk is full.' })
  log.head = async () => ({ size: 0, root: new Uint8Array(32), recorded: 0, checkpoint: '' })
  const described = await describeLog(log)
  expect(described).toMatchObject({ size: 0, time: null, state: 'read-only' })
  // The reason may name files of the operator's.
  expect(JSON.stringify(described)).not.toContain('disk')
})
