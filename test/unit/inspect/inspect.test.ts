import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspect } from '../../../server/inspect/inspect.ts'
import { createInspector } from '../../../server/inspect/inspector.ts'
import { INSPECTION_LIMITS, type Inspection, type InspectionLimits } from '../../../server/inspect/types.ts'
import { archive, blocks, tarball, type Entry } from './tar.ts'

const WORKER = new URL('../../../server/inspect/worker.ts', import.meta.url)
const MANIFEST = { name: 'x', version: '1.0.0', dependencies: { a: '1' } }
const EVIL = { ...MANIFEST, dependencies: { evil: '1' } }
const text = (manifest: object = MANIFEST) => JSON.stringify(manifest)
const own = (manifest: object = MANIFEST, path = 'package/package.json'): Entry => ({ path, content: text(manifest) })
const file = (path: string, content: string | Buffer = 'x'): Entry => ({ path, content })

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'registry-inspect-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

let files = 0
async function store(bytes: Buffer) {
  const path = join(dir, `${files++}`)
  await writeFile(path, bytes)
  return { path, integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`, manifest: new TextEncoder().encode(text()) }
}
async function look(bytes: Buffer, limits: Partial<InspectionLimits> = {}): Promise<Inspection> {
  return inspect(await store(bytes), { ...INSPECTION_LIMITS, ...limits })
}
function findingsOf(inspection: Inspection): string[] {
  if (inspection.state !== 'inspected') throw new Error(`the tarball is ${inspection.state}`)
  return inspection.findings.map(({ field, severity, tarball }) => `${severity} ${field}: ${tarball}`)
}
const found = async (...of: Parameters<typeof look>) => findingsOf(await look(...of))
const HIDDEN = ['high dependencies.evil: 1', 'medium dependencies.a: ']

describe('the package.json of a tarball', () => {
  it('is compared with what the registry says', async () => {
    expect(await found(tarball(own(), file('package/index.js')))).toEqual([])
    expect(await found(tarball(own(EVIL)))).toEqual(HIDDEN)
  })

  it.each(['package', 'x', 'x-1.0.0', 'node_modules', '.', 'a b', 'ü'])('is found in a top folder called %s', async (folder) => {
    expect(await found(tarball(file(`${folder}/index.js`), own(EVIL, `${folder}/package.json`)))).toEqual(HIDDEN)
  })

  it('is found under long names, behind dots and in archives that are not packed', async () => {
    expect(await found(tarball(own(EVIL, 'package/.//./package.json')))).toEqual(HIDDEN)
    expect(await found(archive(own(EVIL)))).toEqual(HIDDEN)
    const long = `${'long/'.repeat(60)}file.js`
    expect(await found(tarball({ path: 'x', type: 'NextFileHasLongPath', content: `package/${long}\0` }, file('short'), own()))).toEqual([])
    // A name in an extended header stands for the one in the entry's own.
    const pax = 'path=package/package.json\n'
    const line = `${pax.length + 3} ${pax}`
    expect(await found(tarball({ path: 'PaxHeader', type: 'ExtendedHeader', content: line }, own(EVIL, 'package/README.md')))).toEqual(HIDDEN)
  })

  it('is no other than the top folder\'s', async () => {
    expect(await found(tarball(own(), own(EVIL, 'package/node_modules/y/package.json'), own(EVIL, 'package/test/package.json')))).toEqual([])
    expect(await found(tarball(file('package/index.js'), own(MANIFEST, 'package/lib/package.json')))).toEqual(['high unreadable: The tarball has no package.json.'])
    expect(await found(tarball())).toEqual([expect.stringMatching(/^high unreadable: /)])
  })

  it('is the last of several, which is no accident', async () => {
    expect(await found(tarball(own(EVIL), own()))).toEqual(['high archive.duplicates: package/package.json'])
    expect(await found(tarball(own(), own(EVIL, 'other/package.json')))).toEqual(['high dependencies.evil: 1', 'high archive.duplicates: other/package.json', 'medium dependencies.a: '])
    expect(await found(tarball(own(), own()))).toEqual(['info archive.duplicates: package/package.json'])
  })

  it('is no link, and nothing outside of the package', async () => {
    const link = (type: 'Link' | 'SymbolicLink', path = 'package/package.json'): Entry => ({ path, type, linkpath: 'package/evil.json' })
    for (const type of ['Link', 'SymbolicLink'] as const) {
      expect(await found(tarball(own(EVIL, 'package/evil.json'), own(), link(type)))).toEqual(['high archive.links: package/package.json'])
      expect(await found(tarball(own(), link(type, 'package/a'), link(type, 'package/b')))).toEqual(['info archive.links: package/a and 1 more'])
    }
    for (const path of ['/package.json', '/package/package.json', '../package.json', 'package/../package.json', 'package/a/../../package.json']) {
      expect(await found(tarball(own(), own(EVIL, path)))).toEqual([`medium archive.paths: ${path}`])
    }
    expect(await found(tarball(own(), { path: 'package/package.json/', type: 'Directory' }))).toEqual(['high archive.types: package/package.json/'])
  })

  it('is noted where some file system or client would take another file for it', async () => {
    for (const path of ['package/PACKAGE.json', 'package.json', './package/package.json', 'package\\package.json']) {
      expect(await found(tarball(own(), own(EVIL, path)))).toEqual([`medium archive.lookalikes: ${path}`])
    }
  })

  it('is found 80 MiB into the archive', async () => {
    const large = Buffer.alloc(80 * 1024 ** 2, 'module.exports = 1\n')
    expect(await found(tarball(file('package/large.js', large), own(EVIL)))).toEqual(HIDDEN)
  })

  it('may begin with a byte order mark and have a build beside it', async () => {
    expect(await found(tarball(file('package/package.json', `\uFEFF${text()}`)))).toEqual([])
    const built = new TextEncoder().encode(text({ ...MANIFEST, scripts: { install: 'node-gyp rebuild' } }))
    const limits = INSPECTION_LIMITS
    const withGyp = await store(tarball(own(), file('package/binding.gyp')))
    expect(findingsOf(await inspect({ ...withGyp, manifest: built }, limits))).toEqual([])
    const elsewhere = await store(tarball(own(), file('package/deps/binding.gyp')))
    expect(findingsOf(await inspect({ ...elsewhere, manifest: built }, limits))).toEqual(['medium scripts.install: '])
  })
})

describe('what cannot be read', () => {
  const unreadable = (why: string) => [expect.stringMatching(new RegExp(`^high unreadable: .*${why}`))]

  it.each<[what: string, bytes: () => Buffer, why: string]>([
    ['nothing', () => Buffer.alloc(0), 'no whole archive'],
    ['text', () => Buffer.from('no archive, '.repeat(100)), 'no whole archive'],
    ['packed text', () => gzipSync('no archive, '.repeat(100)), 'no whole archive'],
    ['a package that is cut short', () => tarball(own(), file('package/a', 'x'.repeat(5_000))).subarray(0, 120), 'no whole archive'],
    ['an archive that is cut short', () => gzipSync(blocks([own(), { ...file('package/a'), size: 100_000 }])), 'no whole archive'],
    ['what is packed twice', () => gzipSync(tarball(own(EVIL))), 'packed twice'],
    ['another packing', () => zstdCompressSync(archive(own())), 'not packed with gzip'],
    ['a package.json that is no JSON', () => tarball(file('package/package.json', '{ "name": "x" ')), 'is no JSON'],
    ['a package.json that is no object', () => tarball(file('package/package.json', '[]')), 'is no JSON object'],
    ['a package.json without end', () => tarball(file('package/package.json', ' '.repeat(9 * 1024 ** 2))), 'more than 8388608 bytes'],
    ['a package.json of too many parts', () => tarball(file('package/package.json', `[${'{},'.repeat(2_700_000)}{}]`), file('package/noise', randomBytes(64 * 1024))), 'too many parts'],
    ['a package.json of too many levels', () => tarball(file('package/package.json', `{"engines":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)), 'nested too deeply'],
  ])('is a finding: %s', async (_, bytes, why) => {
    expect(await found(bytes())).toEqual(unreadable(why))
  })

  it('is a finding: a small file that unpacks to a large one', async () => {
    const zeros = archive(own(), file('package/zeros', Buffer.alloc(64 * 1024 ** 2)))
    const bomb = gzipSync(zeros, { level: 9 })
    expect(await found(bomb, { ratio: 500 })).toEqual(unreadable(`unpacks to more than ${bomb.length * 500} bytes, from ${bomb.length}`))
    expect(await found(bomb, { unpacked: 1024 ** 2 })).toEqual(unreadable('unpacks to more than 1048576 bytes'))
    expect(await found(bomb, { entry: 1024 ** 2 })).toEqual(unreadable('a file in it has more than 1048576 bytes'))
    expect(await found(bomb)).toEqual(unreadable('unpacks to more than'))
  })

  it('counts what is unpacked, also behind the end of the archive', async () => {
    const trailing = gzipSync(Buffer.concat([archive(own()), Buffer.alloc(32 * 1024 ** 2)]))
    expect(await found(trailing, { ratio: 100 })).toEqual(unreadable('unpacks to more than'))
    expect(await found(trailing, { ratio: Infinity })).toEqual([])
  })

  it('is a finding: entries without end, attributes among them', async () => {
    const many = Array.from({ length: 2_000 }, (_, n) => file(`package/${n}`, ''))
    expect(await found(tarball(own(), ...many), { entries: 1_000 })).toEqual(unreadable('more than 1000 entries'))
    const attributes = Array.from({ length: 2_000 }, (): Entry => ({ path: 'p', type: 'GlobalExtendedHeader', content: '12 a=bbbbbb\n' }))
    expect(await found(tarball(own(), ...attributes), { entries: 1_000 })).toEqual(unreadable('more than 1000 entries'))
  })

  it('is noted: what some clients read and others do not', async () => {
    const gap = gzipSync(Buffer.concat([blocks([own(EVIL)]), Buffer.alloc(512), archive(own())]))
    expect(await found(gap)).toEqual(['high archive.duplicates: package/package.json', 'medium archive.gaps: package/package.json'])
    const broken = blocks([own()])
    broken[148] = 0x39
    expect(await found(gzipSync(Buffer.concat([broken, archive(own())])))).toContainEqual(expect.stringMatching(/^medium archive\.entries: /))
  })

  it('says nothing where the disk is at fault', async () => {
    const stored = await store(tarball(own(EVIL)))
    await writeFile(stored.path, tarball(own()))
    expect(await inspect(stored, INSPECTION_LIMITS)).toEqual({ state: 'gone' })
    expect(await inspect({ ...stored, path: join(dir, 'none') }, INSPECTION_LIMITS)).toEqual({ state: 'gone' })
  })
})

describe('the worker', () => {
  it('looks into many tarballs, also after it was idle', async () => {
    const inspector = createInspector(WORKER)
    const tarballs = [MANIFEST, EVIL, MANIFEST].map(manifest => tarball(own(manifest)))
    const looks = await Promise.all(tarballs.map(async bytes => inspector.inspect(await store(bytes))))
    expect(looks.map(findingsOf)).toEqual([[], HIDDEN, []])
    await new Promise(resolve => setTimeout(resolve, 1_200))
    expect(findingsOf(await inspector.inspect(await store(tarball(own(EVIL)))))).toEqual(HIDDEN)
    await inspector.close()
    await expect(store(tarball(own())).then(inspector.inspect)).rejects.toThrow('this server is stopping')
  })

  it('is ended when a tarball takes too long, and the next one has another', async () => {
    const inspector = createInspector(WORKER, { ...INSPECTION_LIMITS, time: 30 })
    const large = tarball(own(), file('package/large', Buffer.alloc(100 * 1024 ** 2)))
    const slow = inspector.inspect(await store(large))
    expect(findingsOf(await slow)).toEqual(['high unreadable: The tarball could not be read within 30 ms.'])
    await inspector.close()
    const patient = createInspector(WORKER, { ...INSPECTION_LIMITS, ratio: 2_000 })
    const failing = patient.inspect({ ...await store(large), path: dir })
    await expect(failing).rejects.toThrow()
    expect(findingsOf(await patient.inspect(await store(large)))).toEqual([])
    await patient.close()
  })
})
