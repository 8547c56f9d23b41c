import { beforeEach, describe, expect, it } from 'vitest'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { createRoutes } from '../../../server/registry/index.ts'
import { createSearch, type Search } from '../../../server/search/index.ts'
import { encodeBase64, leafHash } from '../../../shared/tlog/index.ts'
import { createMemoryLog, versionDraft, type MemoryLog } from '../sumdb/memory-log.ts'

const registry = (id: string): RegistryConfig =>
  ({ id, url: `https://${id}.example/`, namespace: `${id}.example`, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true } })
const OTHER = `sha512-${Buffer.alloc(64, 1).toString('base64')}`
const KEY = `SHA256:${Buffer.alloc(32, 3).toString('base64').slice(0, -1)}`

let log: MemoryLog
let search: Search

beforeEach(() => {
  log = createMemoryLog()
  log.append(...Array.from({ length: 300 }, (_, n) => versionDraft(`pkg-${n % 30}`, `1.0.${n}`)))
  log.append(
    versionDraft('300', '1.0.0'),
    { kind: 'conflict', subject: { name: 'pkg-1', version: '1.0.1' }, integrity: versionDraft('pkg-1', '1.0.1').integrity, other: OTHER, source: 'npm' },
    { kind: 'keys', namespace: 'npm.example', keys: [{ keyid: KEY, key: 'AAAA' }] },
  )
  const incidents = new Map([[1, { isPrivate: false, id: 1, sentence: 'It lied.' }], [2, { isPrivate: true, id: 2, sentence: 'Secret.' }]])
  search = createSearch({
    log,
    incidents: { find: async id => incidents.get(id) as never },
    routes: createRoutes({ registries: [registry('npm')], routes: [], private: ['@secret/*'] }),
  })
})

const find = (q: string, withPrivate = false) => search.find(new URLSearchParams({ q }), withPrivate)

describe('exactly one meaning', () => {
  it.each([
    ['pkg-7', { why: 'name', name: 'pkg-7', namespace: null }],
    ['pkg-7@1.0.7', { why: 'version', entry: { index: 7, subject: { name: 'pkg-7', version: '1.0.7' }, kind: 'version' } }],
    ['record 7', { why: 'index', entry: { index: 7, subject: { name: 'pkg-7', version: '1.0.7' }, kind: 'version' } }],
    ['size 303', { why: 'size', size: 303 }],
    ['#1', { why: 'incident', id: 1, sentence: 'It lied.' }],
    [KEY, { why: 'key', entry: { index: 302, subject: null, kind: 'keys' } }],
    [OTHER, { why: 'other', entry: { index: 301, subject: { name: 'pkg-1', version: '1.0.1' }, kind: 'conflict' } }],
    [versionDraft('pkg-9', '1.0.9').integrity, { why: 'integrity', entry: { index: 9, subject: { name: 'pkg-9', version: '1.0.9' }, kind: 'version' } }],
  ])('%s', async (q, expected) => {
    const { finds, isExact } = await find(q)
    expect(finds.filter(({ why }) => why !== 'prefix')).toEqual([expected])
    expect(isExact).toBe(true)
  })

  it('leaf hashes and roots', async () => {
    const leaf = encodeBase64(leafHash(new TextEncoder().encode(log.allTexts[260]!)))
    expect((await find(leaf)).finds).toMatchObject([{ why: 'leaf', entry: { index: 260 } }])
    const root = encodeBase64((await log.head()).root)
    expect((await find(Buffer.from(root, 'base64').toString('hex'))).finds).toMatchObject([{ why: 'root', size: 303 }])
  })

  it('digests of records that came later', async () => {
    const { integrity } = versionDraft('later', '2.0.0')
    expect((await find(integrity)).finds).toEqual([])
    log.append(versionDraft('later', '2.0.0'))
    expect((await find(integrity)).finds).toMatchObject([{ why: 'integrity', entry: { index: 303 } }])
  })
})

it('says all that it may be', async () => {
  const { finds, isExact } = await find('300')
  expect(finds.map(({ why }) => why)).toEqual(['index', 'size', 'name'])
  expect(isExact).toBe(false)
})

it('lists names that begin so, and never goes to one of them by itself', async () => {
  expect((await find('pkg-2')).finds.map(find => 'name' in find && find.name)).toEqual(['pkg-2', ...Array.from({ length: 10 }, (_, n) => `pkg-2${n}`)])
  expect(await find('pkg-29')).toMatchObject({ isExact: true })
  expect(await find('pkg-2')).toMatchObject({ isExact: true })
  const { finds, isExact, hasMore } = await find('pkg')
  expect([finds.length, isExact, hasMore]).toEqual([20, false, true])
  expect((await search.names(new URLSearchParams({ q: 'pkg-1' }))).names).toHaveLength(8)
  expect(await search.names(new URLSearchParams({ q: '<b>' }))).toEqual({ names: [] })
})

it('keeps what is private, and says what can be asked for', async () => {
  expect((await find('#2')).finds).toEqual([])
  expect((await find('#2', true)).finds).toHaveLength(1)
  expect((await find('left-pad@1.0.0')).unknown).toEqual({ name: 'left-pad', version: '1.0.0' })
  expect((await find('@secret/x')).unknown).toBeNull()
  expect((await find(`sha1-${'a'.repeat(27)}=`))).toMatchObject({ finds: [], hint: 'other-digest', unknown: null })
})
