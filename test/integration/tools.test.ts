import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { generateSignerKey } from '../../server/log/signer.ts'
import type { Evidence } from '../../shared/sumdb/index.ts'
import {
  checkConsistency, createVerifier, decodeBase64, equalHashes, openCheckpoint, verifyEd25519,
} from '../../shared/tlog/index.ts'
import { freePort } from '../fixtures/server.ts'
import { sizeOf, startLog, type TestLog } from '../interop/log.ts'
import { changeLetter, flipBit, startProxy, type TamperingProxy } from '../interop/proxy.ts'

const SIZE = 300

let log: TestLog
/** Signs with the same key, and remembers other things. */
let fork: TestLog
let proxy: TamperingProxy

beforeAll(async () => {
  const signerKey = generateSignerKey('sum.fixture.example')
  log = await startLog({ signerKey })
  await log.growTo(SIZE)
  fork = await startLog({ signerKey, prefix: 'other' })
  await fork.growTo(20)
  proxy = await startProxy(log.sumdb)
})
afterAll(async () => {
  proxy?.close()
  await fork?.close()
  await log?.close()
})

/** A user's folder, new for each test. */
let home: string
beforeEach(async () => {
  proxy.tamper(undefined)
  proxy.redirect(log.sumdb)
  home = await mkdtemp(join(tmpdir(), 'tools-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
})

interface Run {
  code: number | null
  stdout: string
  stderr: string
}

function start(tool: 'log-verify' | 'lockfile-verify', args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const path = fileURLToPath(new URL(`../../cli/${tool}.ts`, import.meta.url))
  return spawn(process.execPath, [path, ...args], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, XDG_STATE_HOME: join(home, 'state'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function finish(child: ChildProcess): Promise<Run> {
  const run = { code: null as number | null, stdout: '', stderr: '' }
  child.stdout!.setEncoding('utf8').on('data', (text: string) => run.stdout += text)
  child.stderr!.setEncoding('utf8').on('data', (text: string) => run.stderr += text)
  ;[run.code] = await once(child, 'close') as [number | null]
  return run
}

const run = (...parameters: Parameters<typeof start>) => finish(start(...parameters))
const verify = (...args: string[]) => run('log-verify', args)
const stateFiles = () => readdir(join(home, 'state', 'npmx-registry'))

async function evidenceOf({ stderr }: Run): Promise<Evidence & { code: string, vkey: string }> {
  const [, path] = /The evidence \(\w+\) is in (.*)$/m.exec(stderr)!
  return JSON.parse(await readFile(path!, 'utf8')) as Evidence & { code: string, vkey: string }
}

describe('log:verify', () => {
  it('trusts a key on first use, pins it, and goes on from what it saw', async () => {
    const first = await verify(proxy.url)
    expect(first).toMatchObject({ code: 0 })
    expect(first.stderr).toContain(`First use of ${proxy.url}`)
    expect(first.stderr).toContain(`--key '${log.vkey}'`)
    expect(first.stdout).toMatch(/^✔ Verified the log at /)
    expect(first.stdout).toContain(`${log.vkey} (trusted on first use)`)
    expect(first.stdout).toMatch(/tree +300 records, root [\w+/]{43}=, signed by this key/)
    expect(first.stdout).toMatch(/records +300 records read, .* the root is that of all of them/)
    expect(first.stdout).toContain('each recorded once')
    expect(await stateFiles()).toEqual(['known-logs.json', expect.stringMatching(/^sum\.fixture\.example\+[0-9a-f]{8}\.json$/)])

    const asked: string[] = []
    proxy.tamper((path) => {
      asked.push(path)
      return undefined
    })
    const second = await verify(proxy.url)
    expect(second).toMatchObject({ code: 0, stderr: '' })
    expect(second.stdout).toContain('(pinned)')
    expect(second.stdout).toContain('goes on from the tree of 300 records that was seen before')
    expect(second.stdout).toContain('no new ones')
    expect(asked).not.toContain('vkey')
    expect(asked).not.toContain('tile/entries/000')

    const full = await verify(proxy.url, '--full')
    expect(full.stdout).toContain('300 records read')
  })

  it('keeps what it saw where it is told to, and takes the key it is given', async () => {
    const state = join(home, 'my state.json')
    expect(await verify(proxy.url, '--state', state, '--key', log.vkey)).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(await readFile(state, 'utf8'))).toMatchObject({ vkey: log.vkey, verified: SIZE, checkpoint: await log.checkpoint() })
    await expect(stateFiles()).rejects.toThrow('ENOENT')
    // The file has the key.
    expect(await verify(proxy.url, '--state', state)).toMatchObject({ code: 0, stderr: '' })
  })

  it.each<[string, RegExp, (body: Buffer) => Buffer | string, RegExp]>([
    ['a tile', /^tile\/0\/000$/, flipBit, /^✖ tile\/0\/000 does not belong to the tree of size 300/],
    ['a partial tile', /^tile\/0\/001/, flipBit, /^✖ tile\/0\/001\.p\/44, .* do not give the root/],
    ['a bundle', /^tile\/entries\/000/, body => changeLetter(body, 100), /^✖ Entry 0 is another one in the bundle than in the tree/],
    ['a signature', /^checkpoint/, body => changeLetter(body, -20), /^✖ A signed note's signature by the key .* does not verify/],
    ['a size', /^checkpoint/, body => String(body).replace(/^300$/m, '301'), /^✖ A signed note's signature/],
    ['nothing at all', /^checkpoint/, () => 'No.', /^✖ A signed note is malformed/],
  ])('names a lie about %s', async (_, path, change, sentence) => {
    proxy.tamper((asked, body) => path.test(asked) ? change(body) : undefined)
    const { code, stdout, stderr } = await verify(proxy.url, '--key', log.vkey)
    expect(stderr).toMatch(sentence)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })

    proxy.tamper(undefined)
    expect(await verify(proxy.url, '--key', log.vkey)).toMatchObject({ code: 0 })
  })

  it('refuses another key than the one it pinned', async () => {
    await verify(proxy.url)
    const stranger = await startLog()
    onTestFinished(() => stranger.close())
    proxy.redirect(stranger.sumdb)
    const { code, stderr } = await verify(proxy.url)
    expect(stderr).toMatch(/^✖ A signed note carries no signature of a trusted key/)
    expect(stderr).toContain('If the log has announced a new key, give it with --key.')
    expect(code).toBe(1)
  })

  it('proves that a log has two histories, to anybody who has its key', async () => {
    proxy.redirect(fork.sumdb)
    expect(await verify(proxy.url)).toMatchObject({ code: 0 })
    proxy.redirect(log.sumdb)
    const forked = await verify(proxy.url)
    expect(forked.stderr).toMatch(/^✖ The log signed a tree of size 20 with root .*: it has two histories\.$/m)
    expect(forked).toMatchObject({ code: 1, stdout: '' })

    const { code, vkey, checkpoints, beginning } = await evidenceOf(forked)
    expect([code, vkey]).toEqual(['FORK', log.vkey])
    const [older, newer] = checkpoints.map(note => openCheckpoint(note, createVerifier(log.vkey, verifyEd25519)))
    checkConsistency({
      oldSize: older!.size, oldRoot: decodeBase64(beginning!.root), newSize: newer!.size, newRoot: newer!.root,
      hashes: beginning!.proof.map(decodeBase64),
    })
    expect(equalHashes(decodeBase64(beginning!.root), older!.root)).toBe(false)

    // What was seen first is what counts, until the user forgets it.
    expect((await verify(proxy.url)).code).toBe(1)
    proxy.redirect(fork.sumdb)
    expect((await verify(proxy.url)).code).toBe(0)
  })

  it('sees that records are gone', async () => {
    const old = await log.checkpoint()
    await log.growTo(SIZE + 2)
    expect(await verify(proxy.url)).toMatchObject({ code: 0 })
    proxy.tamper(path => path === 'checkpoint' ? old : undefined)
    const { code, stderr } = await verify(proxy.url)
    expect(stderr).toMatch(/^✖ The log shows a tree of size 300 and had shown one of size 302 before: records are gone\.$/m)
    expect(code).toBe(1)
  })

  it('says what it cannot do', async () => {
    const port = await freePort()
    expect(await verify(`http://127.0.0.1:${port}/`)).toMatchObject({
      code: 2, stdout: '', stderr: expect.stringMatching(/^✖ http.* cannot be read: .*ECONNREFUSED/),
    })
    expect(await verify(log.sumdb.replace('sumdb/', ''))).toMatchObject({ code: 2, stderr: expect.stringMatching(/^✖ \S/) })
    expect(await verify()).toMatchObject({ code: 2, stderr: expect.stringContaining('Name one log') })
    expect(await verify(log.sumdb, '--key', 'key')).toMatchObject({ code: 2, stderr: expect.stringContaining('The key cannot be used') })
    expect(await verify('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage:') })
  })

  it('follows a log until it lies', async () => {
    const child = start('log-verify', [proxy.url, '--follow', '1'])
    let shown = ''
    child.stdout!.on('data', (text: Buffer) => shown += text.toString())
    const finished = finish(child)
    await until(() => shown.includes('✔ Verified'))
    await log.growTo(SIZE + 5)
    await until(() => /305 records \(\d new\), root \S+: verified\n/.test(shown))

    // Nobody there is no lie.
    proxy.redirect(`http://127.0.0.1:${await freePort()}/`)
    await sleep(1_500)
    proxy.redirect(log.sumdb)
    await log.growTo(SIZE + 6)
    await until(() => shown.includes('306 records'))

    proxy.redirect(fork.sumdb)
    const { code, stderr } = await finished
    expect(stderr).toMatch(/^✖ .*records are gone|two histories/m)
    expect(code).toBe(1)
  })

  it('ends when it is told to', async () => {
    const child = start('log-verify', [proxy.url, '--follow'])
    let shown = ''
    child.stdout!.on('data', (text: Buffer) => shown += text.toString())
    const finished = finish(child)
    await until(() => shown.includes('remembered'))
    child.kill('SIGTERM')
    expect(await finished).toMatchObject({ code: 0 })
  })
})

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 15_000
  while (!holds()) {
    if (Date.now() > end) throw new Error('It did not happen within 15 s')
    await sleep(50)
  }
}

describe('lockfile:verify', () => {
  interface Locked { version: string, integrity?: string, resolved?: string }

  async function verifyLockfile(packages: Record<string, Locked>, ...args: string[]): Promise<Run> {
    const entries = Object.entries(packages).map(([name, locked]) => [`node_modules/${name}`, locked])
    const path = join(home, 'package-lock.json')
    await writeFile(path, JSON.stringify({ lockfileVersion: 3, packages: { '': { name: 'project' }, ...Object.fromEntries(entries) } }))
    return run('lockfile-verify', [path, '--log', proxy.url, '--key', log.vkey, ...args])
  }

  async function publish(name: string): Promise<Required<Pick<Locked, 'version' | 'integrity'>>> {
    const { version, dist } = await log.registry.publish({ name, version: '1.0.0' })
    return { version, integrity: dist.integrity! }
  }

  it('finds every package as it was recorded, also for the first time', async () => {
    const packages = { 'lock-a': await publish('lock-a'), '@lock/b': await publish('@lock/b') }
    const before = sizeOf(await log.checkpoint())
    expect(await verifyLockfile(packages)).toEqual({
      code: 0, stderr: '',
      stdout: expect.stringMatching(/^✔ 2 of 2 packages verified: recorded with the digest that the lockfile has\.\n {2}log {2}http\S+, \d+ records\n$/),
    })
    // Of each package its version and its tags.
    expect(sizeOf(await log.checkpoint())).toBe(before + 4)
  })

  it('shows what differs first, in full, then what it could not verify, then what is fine', async () => {
    const fine = await publish('lock-fine')
    const evil = await publish('lock-evil')
    const old = await publish('lock-old')
    const run = await verifyLockfile({
      'lock-fine': fine,
      'lock-evil': { ...evil, integrity: fine.integrity },
      'lock-missing': { version: '1.0.0', integrity: fine.integrity },
      'lock-old': { ...old, integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' },
      'lock-git': { version: '1.0.0', resolved: 'git+ssh://git@git.example/x.git#0123456789012345678901234567890123456789' },
    })
    expect(run.code).toBe(1)
    expect(run.stderr).toBe('')
    const lines = run.stdout.split('\n').filter(line => line !== '')
    expect(lines).toEqual([
      '✖ 1 package differs from what the log recorded:',
      '  lock-evil@1.0.0  (node_modules/lock-evil)',
      `    locked    ${fine.integrity}`,
      `    recorded  ${evil.integrity}`,
      expect.stringMatching(/^ {4}entry {5}\d+, recorded \d{4}-.*Z, (?:signed|claimed)$/),
      '✖ 1 package could not be verified:',
      '  PACKAGE             STATE    WHY',
      expect.stringMatching(/^ {2}lock-missing@1\.0\.0 {2}missing {2}lock-missing is not in registry/),
      '! 1 package recorded, but not comparable:',
      '  PACKAGE         STATE   WHY',
      '  lock-old@1.0.0  weaker  only a sha1 digest is locked: only that the version exists can be proven',
      '! 1 package not looked up:',
      '  PACKAGE         STATE    WHY',
      '  lock-git@1.0.0  skipped  from a git repository',
      '✖ 1 of 5 packages verified: recorded with the digest that the lockfile has.',
      expect.stringMatching(/^ {2}log {2}/),
    ])
  })

  it('believes no answer that the log cannot prove', async () => {
    const locked = await publish('lock-proof')
    expect((await verifyLockfile({ 'lock-proof': locked })).code).toBe(0)
    const lie = `sha512-${Buffer.alloc(64, 7).toString('base64')}`
    proxy.tamper((path, body) => path.startsWith('lookup/') ? String(body).replace(/sha512-\S+/, lie) : undefined)
    const { code, stdout } = await verifyLockfile({ 'lock-proof': { ...locked, integrity: lie } })
    expect(stdout).toMatch(/lock-proof@1\.0\.0 {2}unproven {2}The record that was shown for pkg:npm\/lock-proof@1\.0\.0 is not entry \d+ of the log\./)
    expect(code).toBe(1)
  })

  it('gives up on a log that has two histories', async () => {
    const locked = await publish('lock-fork')
    expect((await verifyLockfile({ 'lock-fork': locked })).code).toBe(0)
    await fork.growTo(21)
    proxy.redirect(fork.sumdb)
    const run = await verifyLockfile({ 'lock-fork': locked })
    expect(run).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^✖ The log shows a tree of size 21 and had shown one of size \d+ before/) })
    expect((await evidenceOf(run)).checkpoints).toHaveLength(2)
  })

  it('prints JSON for machines', async () => {
    const fine = await publish('lock-json')
    const evil = await publish('lock-json-evil')
    const { code, stdout } = await verifyLockfile({ 'lock-json': fine, 'lock-json-evil': { ...evil, integrity: fine.integrity } }, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'npm',
      log: { url: proxy.url, vkey: log.vkey, trust: 'given', checkpoint: expect.stringContaining('sum.fixture.example\n') },
      counts: { verified: 1, mismatch: 1, missing: 0, unproven: 0, unavailable: 0, weaker: 0, skipped: 0 },
      packages: [
        { name: 'lock-json', state: 'verified', recorded: { integrity: fine.integrity } },
        { name: 'lock-json-evil', state: 'mismatch', locked: fine.integrity, recorded: { integrity: evil.integrity } },
      ],
    })
  })

  it('asks for no name that it is told to skip', async () => {
    const asked: string[] = []
    proxy.tamper((path) => {
      asked.push(path)
      return undefined
    })
    const locked = await publish('lock-public')
    const { code } = await verifyLockfile({ 'lock-public': locked, '@secret/x': locked }, '--skip', '@secret/*')
    expect(code).toBe(0)
    expect(asked.join()).toContain('lock-public')
    expect(asked.join()).not.toContain('secret')
  })

  it('waits when it is told to', async () => {
    const locked = await publish('lock-busy')
    let refusals = 2
    const busy = createServer(({ url }, response) => {
      if (url!.startsWith('/lookup/') && refusals-- > 0) response.writeHead(429, { 'retry-after': '1' }).end()
      else response.writeHead(307, { location: log.sumdb + url!.slice(1) }).end()
    }).listen(0, '127.0.0.1')
    await once(busy, 'listening')
    onTestFinished(() => void busy.close())
    const begun = performance.now()
    const path = join(home, 'package-lock.json')
    await writeFile(path, JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/lock-busy': locked } }))
    const url = `http://127.0.0.1:${(busy.address() as AddressInfo).port}/`
    expect(await run('lockfile-verify', [path, '--log', url, '--key', log.vkey])).toMatchObject({ code: 0 })
    expect(performance.now() - begun).toBeGreaterThan(2_000)
  })

  it('says what it cannot do', async () => {
    const locked = await publish('lock-later')
    const path = join(home, 'package-lock.json')
    await writeFile(path, JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/lock-later': locked } }))
    const port = await freePort()
    // The default log is that of a server on this machine, or of the one that NUXT_PUBLIC_URL names.
    expect(await run('lockfile-verify', [path], { NUXT_PUBLIC_URL: `http://127.0.0.1:${port}` })).toMatchObject({
      code: 2, stdout: '', stderr: expect.stringContaining(`✖ http://127.0.0.1:${port}/sumdb/vkey cannot be read`),
    })
    expect(await run('lockfile-verify', [path], { NUXT_PUBLIC_URL: log.sumdb.replace('sumdb/', '') })).toMatchObject({ code: 0 })
    expect(await run('lockfile-verify', [])).toMatchObject({ code: 2, stderr: expect.stringContaining('Name one lockfile') })
    expect(await run('lockfile-verify', ['yarn.lock'])).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be read') })
    expect(await run('lockfile-verify', ['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage:') })
    await writeFile(path, '{')
    expect(await run('lockfile-verify', [path])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^✖ .*package-lock\.json: /) })
  })
})
