import { gunzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  createVerifier, decodeBundle, encodeBase64, equalHashes, hashesOf, leafHash, openCheckpoint, openNote, parseGoTree, rootOf,
  verifyEd25519, verifyTlogProof,
} from '../../../shared/tlog/index.ts'
import { formatRecord } from '../../../shared/record/index.ts'
import { createRecordLimit } from '../../../server/sumdb/clients.ts'
import { RegistryError } from '../../../server/errors.ts'
import { createTestSumdb, type Answer, type TestSumdb } from './ask.ts'
import { versionDraft } from './memory-log.ts'

const IMMUTABLE = 'public, max-age=31536000, immutable'
const TEXT = 'text/plain; charset=utf-8'
const BYTES = 'application/octet-stream'
const SIZE = 600

let sumdb: TestSumdb
const ask = (...args: Parameters<TestSumdb['ask']>) => sumdb.ask(...args)
const bytesOf = (text: string) => new TextEncoder().encode(text)

beforeEach(() => {
  sumdb = createTestSumdb()
})

function grow(size = SIZE): void {
  const { log } = sumdb
  log.append(...Array.from({ length: size - log.allTexts.length }, (_, n) => versionDraft('many', `1.0.${log.allTexts.length + n}`)))
}

function expectRefused({ status, headers, json }: Answer, code: string, statuses = [400, 404]): void {
  expect(statuses).toContain(status)
  expect(json.code).toBe(code)
  expect(json.error).toMatch(/^\S.{10,}[.:]?\S*\.$/)
  expect(json.message).toBe(json.error)
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store', 'access-control-allow-origin': '*' })
}

describe('heads', () => {
  it('the checkpoint is the log\'s, and grows', async () => {
    for (const size of [0, 1, SIZE]) {
      grow(size)
      const { status, headers, text } = await ask('/checkpoint')
      expect(status).toBe(200)
      expect(headers).toEqual({
        'content-type': TEXT, 'content-length': text.length + 2, 'cache-control': 'public, max-age=2', 'access-control-allow-origin': '*',
      })
      const { origin, size: signed, root } = openCheckpoint(text, createVerifier(sumdb.log.vkey, verifyEd25519))
      expect([origin, signed]).toEqual(['sum.example', size])
      expect(equalHashes(root, rootOf(sumdb.log.allTexts.map(entry => leafHash(bytesOf(entry)))))).toBe(true)
    }
  })

  it('Go\'s is the same tree under another key', async () => {
    grow()
    const { text, headers } = await ask('/go/latest')
    expect(headers).toMatchObject({ 'content-type': TEXT, 'cache-control': 'public, max-age=2' })
    const { size, root } = parseGoTree(openNote(text, [createVerifier((await ask('/go/vkey')).text.trim(), verifyEd25519)]).text)
    const checkpoint = openCheckpoint((await ask('/checkpoint')).text, createVerifier((await ask('/vkey')).text.trim(), verifyEd25519))
    expect([size, encodeBase64(root)]).toEqual([checkpoint.size, encodeBase64(checkpoint.root)])
  })

  it('Go never sees an empty tree', async () => {
    expectRefused(await ask('/go/latest'), 'NOT_FOUND', [404])
    expect((await ask('/checkpoint')).status).toBe(200)
  })

  it('keys and support', async () => {
    expect((await ask('/vkey')).text).toBe(`${sumdb.log.vkey}\n`)
    expect((await ask('/go/vkey')).text).toBe(`${sumdb.log.goVkey}\n`)
    expect(await ask('/go/supported')).toMatchObject({ status: 200, text: '' })
  })
})

describe('tiles', () => {
  beforeEach(() => grow())

  it('hold the hashes of the tree, at any width that it had', async () => {
    const leaves = sumdb.log.allTexts.map(text => leafHash(bytesOf(text)))
    for (const [path, from, to] of [['000', 0, 256], ['001', 256, 512], ['002.p/88', 512, 600], ['002.p/1', 512, 513], ['000.p/255', 0, 255], ['000.p/1', 0, 1]] as const) {
      const { status, headers, body } = await ask(`/tile/0/${path}`)
      expect(status).toBe(200)
      expect(headers).toEqual({
        'content-type': BYTES, 'content-length': (to - from) * 32, 'cache-control': IMMUTABLE, 'access-control-allow-origin': '*',
      })
      expect(hashesOf(body).map(encodeBase64)).toEqual(leaves.slice(from, to).map(encodeBase64))
      expect((await ask(`/go/tile/8/0/${path}`)).body.equals(body)).toBe(true)
    }
    const upper = (await ask('/tile/1/000.p/2')).body
    expect(hashesOf(upper).map(encodeBase64)).toEqual([0, 256].map(from => encodeBase64(rootOf(leaves.slice(from, from + 256)))))
  })

  it.each([
    '/tile/0/002', '/tile/0/002.p/89', '/tile/0/003', '/tile/0/003.p/1', '/tile/1/000', '/tile/1/000.p/3', '/tile/1/001.p/1', '/tile/2/000.p/1', '/tile/63/000.p/1',
    '/tile/63/x999/x999/999', '/tile/0/x009/x007/x199/x254/x740/991', '/tile/6/x009/x007/x199/x254/x740/991.p/1', '/go/tile/8/0/003', '/go/tile/8/2/000.p/1',
    '/tile/entries/002', '/tile/entries/002.p/89', '/tile/entries/003.p/1', '/tile/entries/x009/x007/x199/x254/x740/991', '/go/tile/8/data/002', '/go/tile/8/data/x999/999.p/9',
  ])('beyond the tree are 404: %s', async (path) => {
    for (const method of ['GET', 'HEAD']) expectRefused(await ask(path, { method }), 'NOT_FOUND', [404])
    expect(sumdb.troubles).toEqual([])
  })

  it.each(['/tile/0/000.p/256', '/tile/0/0', '/tile/00/000', '/tile/0/000.p/01', '/tile/entries/000.p/256', '/go/tile/8/data/000.p/0', '/tile/0/x999/x999/x999/x999/x999/999'])(
    'of another spelling are 400: %s', async path => expectRefused(await ask(path), 'BAD_REQUEST', [400]))

  it('that were not there yet are there as soon as the tree has grown', async () => {
    expect((await ask('/tile/0/002.p/89')).status).toBe(404)
    grow(601)
    expect((await ask('/tile/0/002.p/89')).status).toBe(200)
    expect((await ask('/tile/0/002.p/88')).status).toBe(200)
  })

  it('that another process has added are there once the head was looked at', async () => {
    const { log } = sumdb
    const { head, tile, texts } = log
    const stale = log.allTexts.length
    let size = stale
    log.head = () => {
      size = log.allTexts.length
      return head()
    }
    log.tile = async (level, index) => (await tile(level, index))?.subarray(0, (size - index * 256) * 32)
    log.texts = (from, to) => texts(from, Math.min(to, size))
    grow(610)
    for (const path of ['/tile/0/002.p/98', '/tile/0/002.p/99', '/tile/entries/002.p/98', '/tile/entries/002.p/99']) {
      size = stale
      expect((await ask(path)).status).toBe(path.endsWith('98') ? 200 : 404)
    }
  })

  it('bundle the entries, in C2SP\'s form and in Go\'s', async () => {
    const { allTexts } = sumdb.log
    for (const [path, from, to] of [['000', 0, 256], ['001', 256, 512], ['002.p/88', 512, 600], ['001.p/3', 256, 259]] as const) {
      const bundle = await ask(`/tile/entries/${path}`)
      expect(bundle.headers).toMatchObject({ 'content-type': BYTES, 'cache-control': IMMUTABLE, 'vary': 'accept-encoding', 'content-length': bundle.body.length })
      expect(decodeBundle(bundle.body, to - from).map(entry => new TextDecoder().decode(entry))).toEqual(allTexts.slice(from, to))
      const data = await ask(`/go/tile/8/data/${path}`)
      expect(data.headers).toMatchObject({ 'content-type': TEXT, 'cache-control': IMMUTABLE })
      expect(data.text).toBe(allTexts.slice(from, to).map(text => `${text}\n`).join(''))
    }
  })

  it.each([
    ['gzip', true], ['gzip, deflate, br', true], ['br, gzip;q=0.5', true], ['*', true], ['identity', false], ['br', false], ['gzip;q=0', false], ['', false], [undefined, false],
  ])('are compressed for accept-encoding %j: %s', async (encodings, isPacked) => {
    for (const path of ['/tile/entries/000', '/go/tile/8/data/000']) {
      const plain = await ask(path)
      for (const round of ['cold', 'warm']) {
        const { headers, body } = await ask(round === 'cold' ? `${path}?cold` : path, { headers: { 'accept-encoding': encodings } })
        expect(headers['content-encoding']).toBe(isPacked ? 'gzip' : undefined)
        expect(headers['content-length']).toBe(body.length)
        expect((isPacked ? gunzipSync(body) : body).equals(plain.body)).toBe(true)
      }
      expect((await ask('/tile/0/000', { headers: { 'accept-encoding': 'gzip' } })).headers).not.toHaveProperty('content-encoding')
    }
  })

  it('that were read once are answered at once, whatever the query', async () => {
    for (const path of ['/tile/0/000', '/tile/0/002.p/88', '/tile/0/002.p/5', '/tile/entries/000', '/tile/entries/002.p/7', '/go/tile/8/data/000', '/go/tile/8/0/000']) {
      expect(sumdb.askNow(path)).toBeInstanceOf(Promise)
      const { about } = await ask(`${path}?cold`)
      const { tiles, texts } = sumdb.log.reads
      const warm = sumdb.askNow(path)
      expect(warm).not.toBeInstanceOf(Promise)
      expect(warm).toMatchObject({ status: 200, about: { route: about.route, tier: 'memory' } })
      expect(sumdb.askNow(path, { method: 'HEAD' })).toBe(warm)
      expect((await ask(`${path}?other`)).status).toBe(200)
      expect(sumdb.log.reads).toMatchObject({ tiles, texts })
    }
  })

  it('that are ready are ready for reading only', async () => {
    await ask('/tile/0/000')
    expectRefused(await ask('/tile/0/000', { method: 'DELETE' }), 'METHOD_NOT_ALLOWED', [405])
  })
})

describe('lookups', () => {
  beforeEach(() => {
    grow(300)
    sumdb.log.append(versionDraft('@s/x', '1.0.0'), versionDraft('x', '1.0.0-rc.1+build.5'))
  })

  it('have index, record and checkpoint', async () => {
    for (const path of ['@s/x@1.0.0', '@s%2fx@1.0.0', '%40s%2Fx@1.0.0']) {
      const { status, headers, text, about } = await ask(`/lookup/npm/${path}`)
      expect(status).toBe(200)
      expect(headers).toMatchObject({ 'content-type': TEXT, 'cache-control': 'public, max-age=60', 'access-control-allow-origin': '*' })
      expect(text).toBe(`300\n${sumdb.log.allTexts[300]}\n${(await sumdb.log.head()).checkpoint}`)
      expect(about).toMatchObject({ route: 'sumdb-lookup', package: '@s/x' })
    }
    expect((await ask('/lookup/npm/x@1.0.0-rc.1%2bbuild.5')).text).toMatch(/^301\nversion pkg:npm\/x@1\.0\.0-rc\.1%2Bbuild\.5\n/)
    expect(sumdb.log.reads.finds).toBe(2)
    expect(sumdb.recorded).toEqual([])
  })

  it('have the checkpoint of now, however warm they are', async () => {
    await ask('/lookup/npm/@s/x@1.0.0')
    grow(400)
    expect((await ask('/lookup/npm/@s/x@1.0.0')).text).toBe(`300\n${sumdb.log.allTexts[300]}\n${(await sumdb.log.head()).checkpoint}`)
  })

  it('for Go have Go\'s note', async () => {
    const { text, headers } = await ask('/go/lookup/npm.npmx.dev/s/x@1.0.0')
    expect(headers).toMatchObject({ 'content-type': TEXT, 'cache-control': 'public, max-age=60' })
    expect(text).toBe(`300\n${sumdb.log.allTexts[300]}\n${(await sumdb.log.head()).goNote}`)
  })

  it('as proofs can be verified offline', async () => {
    const verifier = createVerifier(sumdb.log.vkey, verifyEd25519)
    for (const [spec, index] of [['@s%2fx@1.0.0', 300], ['many@1.0.0', 0], ['many@1.0.255', 255]] as const) {
      const { headers, text } = await ask(`/proof/npm/${spec}`)
      expect(headers).toMatchObject({ 'content-type': TEXT, 'cache-control': 'public, max-age=60' })
      expect(verifyTlogProof(text, bytesOf(sumdb.log.allTexts[index]!), verifier)).toMatchObject({ index, size: 302 })
      expect(() => verifyTlogProof(text, bytesOf(sumdb.log.allTexts[1]!), verifier)).toThrow(/proof/)
    }
  })

  it('as proofs are of the tree of now, however warm they are', async () => {
    const verifier = createVerifier(sumdb.log.vkey, verifyEd25519)
    for (const size of [302, 302, 303, 600]) {
      grow(size)
      expect(verifyTlogProof(await ask('/proof/npm/@s/x@1.0.0').then(({ text }) => text), bytesOf(sumdb.log.allTexts[300]!), verifier).size).toBe(size)
    }
  })

  it.each(['lookup/npm/new@1.0.0', 'proof/npm/new@1.0.0', 'go/lookup/npm.npmx.dev/new@1.0.0'])('record what is not there: %s', async (path) => {
    sumdb.upstream.set('new@1.0.0', versionDraft('new', '1.0.0'))
    const answers = await Promise.all([1, 2, 3].map(() => ask(`/${path}`)))
    expect(sumdb.recorded).toEqual(['new@1.0.0'])
    for (const { status, text } of answers) {
      expect(status).toBe(200)
      expect(text).toContain('\n303\n')
    }
    expect((await ask(`/${path}`)).about.tier).toBe('memory')
  })

  it.each(['lookup/npm/x@9.9.9', 'proof/npm/x@9.9.9', 'go/lookup/npm.npmx.dev/x@9.9.9'])('of what is nowhere are 404, not kept: %s', async (path) => {
    expectRefused(await ask(`/${path}`), 'VERSION_NOT_FOUND', [404])
    expectRefused(await ask(`/${path}`), 'VERSION_NOT_FOUND', [404])
    expect(sumdb.recorded).toEqual(['x@9.9.9', 'x@9.9.9'])
    expect(sumdb.log.allTexts).toHaveLength(302)
  })

  it.each(['lookup/npm/@private/x@1.0.0', 'proof/npm/@private%2fx@1.0.0', 'go/lookup/npm.npmx.dev/private/x@1.0.0'])('of private names reach nothing: %s', async (path) => {
    sumdb.log.append(versionDraft('@private/x', '1.0.0'))
    sumdb.upstream.set('@private/x@1.0.0', versionDraft('@private/x', '1.0.0'))
    const answer = await ask(`/${path}`)
    expectRefused(answer, 'NOT_FOUND', [404])
    expect(answer.json.error).not.toContain('@private')
    expect(answer.about).not.toHaveProperty('package')
    expect(sumdb.recorded).toEqual([])
    expect(sumdb.log.reads.finds).toBe(0)
  })

  it('are of the authority that the name is routed to', async () => {
    sumdb.log.append(versionDraft('@acme/x', '1.0.0'))
    sumdb.log.append(versionDraft('@acme/x', '1.0.0', { subject: { name: '@acme/x', version: '1.0.0', namespace: 'acme.example/npm' } }))
    expect((await ask('/lookup/npm/@acme/x@1.0.0')).text).toMatch(/^303\n/)
  })

  it('wait for the checkpoint that has them', async () => {
    sumdb.log.head = async () => ({ size: 300, root: new Uint8Array(32), recorded: 0, checkpoint: '', goNote: '' })
    const answer = await ask('/lookup/npm/@s/x@1.0.0')
    expectRefused(answer, 'LOG_UNAVAILABLE', [503])
    expect(answer.headers['retry-after']).toBe(1)
  })

  it('pass on why something cannot be recorded', async () => {
    sumdb = createTestSumdb({
      recordVersion: () => Promise.reject(new RegistryError('CONFLICT', 'Another digest is recorded for this version.')),
    })
    expectRefused(await ask('/lookup/npm/x@1.0.0'), 'CONFLICT', [403])
    sumdb = createTestSumdb({ recordVersion: () => Promise.reject(new TypeError('secret')) })
    const answer = await ask('/lookup/npm/x@1.0.0')
    expectRefused(answer, 'INTERNAL', [500])
    expect(answer.text).not.toContain('secret')
    expect(sumdb.troubles).toHaveLength(1)
  })

  it('are limited for each client, and only where they make us work', async () => {
    sumdb = createTestSumdb({}, createRecordLimit(3))
    sumdb.log.append(versionDraft('x', '1.0.0'))
    const miss = (n: number, address: string) => ask(`/lookup/npm/x@9.9.${n}`, { address })
    for (const n of [1, 2, 3]) expect((await miss(n, '2001:db8:1:1::1')).status).toBe(404)
    const limited = await miss(4, '2001:db8:1:1:ffff::2')
    expectRefused(limited, 'RATE_LIMITED', [429])
    expect(limited.headers['retry-after']).toBeGreaterThan(50)
    expect(limited.headers['retry-after']).toBeLessThanOrEqual(60)
    expect((await ask('/lookup/npm/x@1.0.0', { address: '2001:db8:1:1::1' })).status).toBe(200)
    expect((await ask('/checkpoint', { address: '2001:db8:1:1::1' })).status).toBe(200)
    expect((await miss(5, '2001:db8:1:2::1')).status).toBe(404)
    for (const n of [1, 2, 3]) expect((await miss(n, '192.0.2.9')).status).toBe(404)
    expect((await miss(4, '::ffff:192.0.2.9')).status).toBe(429)
    expect((await ask('/add', { method: 'POST', body: 'x', address: '192.0.2.9' })).status).toBe(429)
    expect((await miss(4, '192.0.2.10')).status).toBe(404)
  })
})

describe('adding', () => {
  const signed = versionDraft('x', '1.0.0', { evidence: 'signed', signature: { keyid: 'SHA256:k', signature: 'AAAA' } })
  const textOf = (draft: typeof signed) => formatRecord({ ...draft, recorded: '2026-01-01T00:00:00.000Z' }).replace(/recorded .*\n/, '')
  const add = (body: string | Uint8Array) => ask('/add', { method: 'POST', body })

  it('answers with the index of what its authority confirms', async () => {
    sumdb.log.append(versionDraft('other', '1.0.0'))
    sumdb.upstream.set('x@1.0.0', signed)
    for (const round of ['new', 'known']) {
      const { status, headers, text, about } = await add(textOf(signed))
      expect([round, status, text]).toEqual([round, 200, '1'])
      expect(headers).toMatchObject({ 'content-type': TEXT, 'cache-control': 'no-store' })
      expect(about).toMatchObject({ route: 'sumdb-add', package: 'x' })
    }
    expect(sumdb.recorded).toEqual(['x@1.0.0'])
    expect(sumdb.verified).toEqual([1, 2].map(() => ({
      subject: signed.subject, integrity: signed.integrity, signature: signed.signature, published: signed.published,
    })))
  })

  it('with a bad signature stores nothing', async () => {
    sumdb.upstream.set('x@1.0.0', signed)
    expectRefused(await add(textOf({ ...signed, signature: { keyid: 'SHA256:k', signature: 'AAAB' } })), 'NOT_VERIFIED', [403])
    expect(sumdb.recorded).toEqual([])
    expect(sumdb.log.allTexts).toEqual([])
  })

  it.each(['integrity', 'manifest'] as const)('with another %s than stands is a conflict, and changes nothing', async (field) => {
    sumdb.upstream.set('x@1.0.0', signed)
    const other = { ...signed, [field]: versionDraft('y', '1.0.0')[field] }
    for (const round of ['new', 'known']) {
      const answer = await add(textOf(other))
      expectRefused(answer, 'CONFLICT', [403])
      expect([round, answer.json.error]).toEqual([round, `x@1.0.0 is recorded with ${field} ${signed[field]}, not with ${other[field]}.`])
    }
    expect(sumdb.log.allTexts).toHaveLength(1)
    expect(sumdb.log.allTexts[0]).toContain(signed[field])
  })

  it('of what its authority does not have is 404', async () => {
    expectRefused(await add(textOf(signed)), 'VERSION_NOT_FOUND', [404])
  })

  it('of private names, and of other registries than the name\'s, is 404', async () => {
    for (const subject of [{ name: '@private/x', version: '1.0.0' }, { name: '@acme/x', version: '1.0.0' }, { name: 'x', version: '1.0.0', namespace: 'evil.example' }]) {
      expectRefused(await add(textOf({ ...signed, subject })), 'NOT_FOUND', [404])
    }
    expect(sumdb.verified).toEqual([])
    expect(sumdb.recorded).toEqual([])
  })

  const text = textOf(signed)
  it.each<[string, string | Uint8Array]>([
    ['nothing', ''], ['no record', 'x'], ['JSON', '{}'], ['a record with its time', formatRecord({ ...signed, recorded: '2026-01-01T00:00:00.000Z' })],
    ['no signature', text.replace(/signature .*\n/, '')], ['another evidence', text.replace('evidence signed', 'evidence claimed')],
    ['claimed', textOf(versionDraft('x', '1.0.0'))], ['an unknown line', `${text}extra 1\n`], ['an empty line', `${text}\n`], ['no end', text.slice(0, -1)],
    ['another order', text.replace(/(integrity .*\n)(manifest .*\n)/, '$2$1')], ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['control characters', text.replace('SHA256:k', 'SHA256:\u0007k')], ['a byte order mark', `\ufeff${text}`],
    ['invalid UTF-8', Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0x0a])])], ['NUL', text.replace('x@', 'x\0@')],
    ['another kind', 'withdrawn pkg:npm/x@1.0.0\nevidence signed\n'], ['another spelling of the name', text.replace('pkg:npm/x@', 'pkg:npm/%78@')],
    ['no version', text.replace('@1.0.0', '')], ['sha256', text.replace('integrity sha512', 'integrity sha256')], ['two records', text + text],
    ['a path', text.replace('npm/x@', 'npm/../x@')], ['a huge line', text.replace('SHA256:k', 'k'.repeat(60_000))],
  ])('of %s is 400', async (_, body) => {
    const answer = await add(body)
    expectRefused(answer, 'BAD_REQUEST', [400])
    expect(answer.json.error).not.toMatch(/\n/)
    expect(sumdb.verified).toEqual([])
    expect(sumdb.troubles).toEqual([])
    expect(sumdb.log.allTexts).toEqual([])
  })

  it('of a megabyte is 413', async () => {
    expectRefused(await add('x'.repeat(1_000_000)), 'BODY_TOO_LARGE', [413])
  })
})

describe('methods', () => {
  it.each(['/checkpoint', '/tile/0/000', '/lookup/npm/x@1.0.0', '/go/latest', '/add', '/nothing'])('OPTIONS %s lets any page read', async (path) => {
    const { status, headers, body } = await ask(path, { method: 'OPTIONS' })
    expect([status, body.length]).toEqual([204, 0])
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*', 'access-control-allow-methods': path === '/add' ? 'POST' : 'GET, HEAD', 'access-control-allow-headers': '*',
    })
  })

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND'])('%s is 405', async (method) => {
    for (const path of ['/checkpoint', '/tile/0/000', '/lookup/npm/x@1.0.0', '/proof/npm/x@1.0.0', '/go/lookup/npm.npmx.dev/x@1.0.0', '/vkey', '/nothing', '/']) {
      const answer = await ask(path, { method })
      expectRefused(answer, 'METHOD_NOT_ALLOWED', [405])
      expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS')
    }
    expect(sumdb.recorded).toEqual([])
  })

  it.each(['GET', 'HEAD', 'PUT'])('%s /add is 405', async (method) => {
    const answer = await ask('/add', { method })
    expectRefused(answer, 'METHOD_NOT_ALLOWED', [405])
    expect(answer.headers.allow).toBe('POST, OPTIONS')
  })
})

it.each(['/', '', '//', '/x', '/tile', '/go', '/latest', '/__proto__', `/${'x'.repeat(5000)}`])('%j is nothing', async (path) => {
  expectRefused(await ask(path), 'BAD_NAME', [404])
  expect((await ask(path)).about.route).toBe('sumdb-unknown')
})
