import { describe, expect, it } from 'vitest'
import type { LockedPackage } from '../../../shared/lockfile/index.ts'
import { judge, matchNames, verifyPackages } from '../../../shared/lockfile-check/index.ts'
import type { Lookup } from '../../../shared/sumdb/index.ts'
import { versionDraft } from '../sumdb/memory-log.ts'
import { createTestLog, type TestLog } from '../sumdb-client/fixture.ts'

const { integrity } = versionDraft('fx', '1.0.0')
const other = versionDraft('fx', '9.9.9').integrity

function locked(more: Partial<LockedPackage> = {}): LockedPackage {
  return { name: 'fx', version: '1.0.0', integrity, at: 'node_modules/fx', state: 'registry', ...more }
}

/** As the log has it. */
function at(patch: number, more: Partial<LockedPackage> = {}): LockedPackage {
  return locked({ version: `1.0.${patch}`, integrity: versionDraft('fx', `1.0.${patch}`).integrity, ...more })
}

const words = { skipped: 'told not to', otherAuthority: 'If that is meant, say so.' }
const everything = { registries: [], isSkipped: () => false, words, progress: () => {} }
const verify = (log: TestLog, packages: LockedPackage[], more = {}) =>
  verifyPackages(packages, log.client(), { ...everything, ...more })

describe('a locked digest', () => {
  const lookup = {
    index: 3,
    record: {
      kind: 'version', subject: { name: 'fx', version: '1.0.0' }, integrity, evidence: 'claimed', recorded: '2026-01-01T00:00:00.000Z',
    },
  } as Lookup

  it.each<[string, Partial<LockedPackage>]>([
    ['verified', {}],
    ['verified', { integrity: `sha1-AAAA ${integrity}` }],
    ['verified', { integrity: `${integrity}?some-option  ${integrity}` }],
    ['mismatch', { integrity: other }],
    ['mismatch', { integrity: `${integrity} ${other}` }],
    ['mismatch', { integrity: `${other} ${integrity}` }],
    ['mismatch', { integrity: integrity.slice(0, -2) }],
    ['mismatch', { integrity: 'sha512-' }],
    ['weaker', { integrity: 'sha1-AAAA', state: 'other-digest' }],
    ['weaker', { integrity: undefined, state: 'no-integrity' }],
    ['weaker', { integrity: undefined, state: 'other-digest', note: 'of another archive' }],
  ])('is %s: %j', (state, more) => {
    expect(judge(locked(more), lookup)).toMatchObject({ state, recorded: { index: 3, integrity } })
  })

  it('says why it cannot be compared', () => {
    expect(judge(locked({ state: 'other-digest', note: 'of another archive' }), lookup).reason).toBe('of another archive')
    expect(judge(locked({ state: 'no-integrity', integrity: undefined }), lookup).reason).toContain('no digest')
  })
})

describe('a lockfile', () => {
  it('is verified in its order, each version looked up once', async () => {
    const log = createTestLog(50)
    const packages = Array.from({ length: 50 }, (_, i) => at(i))
    const done: number[] = []
    const verdicts = await verify(log, [...packages, ...packages], { progress: (at: number) => done.push(at) })
    expect(verdicts.map(({ version, state }) => `${version} ${state}`)).toEqual([...packages, ...packages].map(({ version }) => `${version} verified`))
    expect(done).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(log.asked.filter(path => path.startsWith('lookup/'))).toHaveLength(50)
  })

  it('keeps what is wrong with one package apart from the others', async () => {
    const log = createTestLog(50)
    log.tamper(async (path, honest) => {
      if (path.endsWith('@1.0.3')) return Buffer.from(Buffer.from(await honest()).toString().replace('sha512-', 'sha512-X'))
      if (path.endsWith('@1.0.4')) return 503
      if (path.endsWith('@1.0.6')) return log.read('lookup/npm/fx@1.0.7')
      return undefined
    })
    const verdicts = await verify(log, [
      at(1), at(2, { integrity: other }), at(3), at(4), at(6), at(99), at(5, { name: '../x' }), at(5, { state: 'not-from-registry', note: 'a folder' }),
      at(5, { name: '@acme/secret' }), at(8, { integrity: 'sha1-AAAA', state: 'other-digest', note: 'only sha1' }),
    ], { isSkipped: (name: string) => name.startsWith('@acme/') })
    expect(verdicts.map(({ state, reason = '' }) => `${state}: ${reason}`)).toEqual([
      'verified: ',
      'mismatch: the log recorded another digest',
      expect.stringMatching(/^unproven: The lookup of pkg:npm\/fx@1\.0\.3 was answered with what is no record/),
      'unavailable: It answers 503.',
      expect.stringMatching(/^unproven: The lookup of pkg:npm\/fx@1\.0\.6 was answered with another record/),
      'missing: fx has no version 1.0.99.',
      expect.stringMatching(/^missing: no log can have it: /),
      'skipped: a folder',
      'skipped: told not to',
      'weaker: only sha1',
    ])
    expect(log.asked.join()).not.toContain('acme')
  })

  it('takes another authority\'s package only if that is the one it means', async () => {
    const log = createTestLog(3)
    const subject = { name: '@acme/tool', version: '1.0.0', namespace: 'acme.example/npm' }
    const draft = versionDraft('@acme/tool', '1.0.0', { subject })
    log.sumdb.log.append(draft)
    const tool = locked({ name: '@acme/tool', integrity: draft.integrity })
    const states = async (more: Partial<LockedPackage>, registries: string[] = []) =>
      (await verify(log, [{ ...tool, ...more }], { registries }))[0]

    expect(await states({})).toMatchObject({
      state: 'unproven', reason: expect.stringMatching(/as a package of acme\.example\/npm, .* If that is meant, say so\.$/),
    })
    expect(await states({ resolved: 'https://evil.example/acme.example/npm/x.tgz' })).toMatchObject({ state: 'unproven' })
    expect(await states({ resolved: 'https://acme.example/npmx/x.tgz' })).toMatchObject({ state: 'unproven' })
    expect(await states({}, ['other.example'])).toMatchObject({ state: 'unproven' })
    expect(await states({ resolved: 'https://acme.example/npm/@acme/tool/-/tool-1.0.0.tgz' })).toMatchObject({ state: 'verified' })
    expect(await states({}, ['acme.example/npm'])).toMatchObject({ state: 'verified', recorded: { namespace: 'acme.example/npm' } })
  })

  it('is given up when the log has two histories', async () => {
    const log = createTestLog(300)
    const fork = createTestLog(400, 'other')
    const client = log.client()
    await client.checkpoint()
    log.tamper(path => fork.read(path))
    const packages = Array.from({ length: 100 }, (_, i) => locked({ name: 'other', version: `1.0.${i}` }))
    await expect(verifyPackages(packages, client, everything)).rejects.toMatchObject({ code: 'FORK' })
    expect(fork.asked.filter(path => path.startsWith('lookup/')).length).toBeLessThan(20)
  })

  it('is left where it is when nobody waits any more', async () => {
    const log = createTestLog(50)
    const controller = new AbortController()
    let reported = 0
    const verdicts = verify(log, Array.from({ length: 50 }, (_, i) => at(i)), {
      signal: controller.signal,
      progress: () => {
        if (++reported === 3) controller.abort(new Error('enough'))
      },
    })
    await expect(verdicts).rejects.toThrow('enough')
    expect(reported).toBe(3)
    expect(log.asked.filter(path => path.startsWith('lookup/')).length).toBeLessThan(20)
  })
})

describe('patterns', () => {
  it.each<[string, string, boolean]>([
    ['@acme/*', '@acme/button', true],
    ['@acme/*', '@acmeX/button', false],
    ['@*/secret', '@acme/secret', true],
    ['x', 'x', true],
    ['x', 'xx', false],
    ['a.b', 'axb', false],
    ['[a-z]*', 'lodash', false],
    ['(a|b)+$', '(a|b)+$', true],
    ['**', 'anything', true],
    ['', 'x', false],
  ])('%s, %s: %s', (pattern, name, expected) => {
    expect(matchNames([pattern])(name)).toBe(expected)
  })
})
