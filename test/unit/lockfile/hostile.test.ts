import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LockfileError, parseLockfile } from '../../../shared/lockfile/index.ts'
import type { Lockfile, LockfileErrorCode } from '../../../shared/lockfile/index.ts'

const SAMPLES = new URL('samples/', import.meta.url)
const samples = readdirSync(SAMPLES).map((folder) => {
  const [fileName] = readdirSync(new URL(`${folder}/`, SAMPLES))
  return { fileName: fileName!, text: readFileSync(new URL(`${folder}/${fileName}`, SAMPLES), 'utf8') }
})
const NAMES = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'unknown']

/** Reads it, or refuses it in one sentence; anything else fails the test. */
function attempt(text: string, fileName: string): Lockfile | LockfileErrorCode {
  try {
    const lockfile = parseLockfile(text, fileName)
    expect(lockfile.version).toMatch(/^[\w.-]+$/)
    const keys = new Set<string>()
    for (const entry of lockfile.packages) {
      const { name, version, integrity, resolved, at, state, note } = entry
      expect(name).not.toBe('')
      expect([name, version, integrity ?? '', resolved ?? '', at].join('')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
      if (state === 'registry') expect(integrity).toContain('sha512-')
      if (state === 'not-from-registry') expect(note).not.toBe(undefined)
      keys.add(JSON.stringify([state, name, version, integrity, resolved]))
    }
    expect(keys.size).toBe(lockfile.packages.length)
    return lockfile
  } catch (error) {
    if (!(error instanceof LockfileError)) throw error
    // Only JSON.parse may be the cause: everything else would be a mistake of ours that was caught at the end.
    if (error.cause !== undefined && !(error.cause instanceof SyntaxError)) throw error.cause
    expect(error.message).toMatch(/^[ -~…]+[.]$/)
    return error.code
  }
}

describe('whatever the text', () => {
  it('is read or refused: any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.constantFrom(...NAMES), (text, fileName) => {
      attempt(text, fileName)
    }), { numRuns: 500 })
  })

  it('is read or refused: pieces of syntax', () => {
    const pieces = [
      '__metadata:', 'lockfileVersion: ', '\'9.0\'', 'packages:', 'a@1.0.0', 'version "1.0.0"',
      '\n', '\n  ', '\n    ', '\r\n', '\t', '\u0085', '\u2028',
      '- ', '? ', ': ', '{', '}', '[', ']', ',', '"', '\'', '\\', '&a ', '*a', '!!str ', '<<: ', '|', '>-', '---\n', '...\n', '%YAML 1.1\n',
      '#', '//', '/*', '*/',
    ]
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map(parts => parts.join(''))
    fc.assert(fc.property(text, fc.constantFrom(...NAMES), (text, fileName) => {
      attempt(text, fileName)
    }), { numRuns: 2000 })
  })

  it('is read or refused: samples with a piece cut out, doubled, moved or replaced', () => {
    const edit = fc.record({ from: fc.nat(12_000), length: fc.nat(60), to: fc.nat(12_000), with: fc.option(fc.string({ unit: 'binary', maxLength: 6 })) })
    let read = 0
    fc.assert(fc.property(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 3 }), (sample, edits) => {
      let { text } = sample
      for (const { from, length, to, with: other } of edits) {
        const start = from % text.length
        const cut = text.slice(start, start + length)
        const rest = text.slice(0, start) + text.slice(start + length)
        const target = to % (rest.length + 1)
        text = rest.slice(0, target) + (other ?? cut) + rest.slice(target)
      }
      if (typeof attempt(text, sample.fileName) === 'object') read++
    }), { numRuns: 400 })
    expect(read).toBeGreaterThan(20)
  })

  it('is read or refused: any JSON in the places of npm\'s and Bun\'s', () => {
    const key = fc.oneof(fc.constantFrom('', '__proto__', 'constructor', 'toString', 'node_modules/a', 'node_modules/@s/a', 'a', 'packages/a', 'version',
      'resolved', 'integrity', 'link', 'inBundle', 'name', 'dependencies', 'bundled', 'workspaces'), fc.string())
    const leaf = fc.oneof(fc.constantFrom(null, true, false, 0, 'a@1.0.0', '1.0.0', 'npm:a@1', 'file:a', 'sha512-AAAA', 'a@file:', ''), fc.string())
    const { value } = fc.letrec<{ value: unknown }>(tie => ({
      value: fc.oneof({ depthSize: 'medium' }, leaf, fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true })),
    }))
    const lockfile = fc.record({
      lockfileVersion: fc.constantFrom(0, 1, 2, 3),
      packages: fc.oneof(value, fc.dictionary(key, value)),
      dependencies: fc.oneof(value, fc.dictionary(key, value)),
      workspaces: value,
    }, { requiredKeys: ['lockfileVersion'] })
    fc.assert(fc.property(lockfile, fc.constantFrom('package-lock.json', 'bun.lock', 'unknown'), (data, fileName) => {
      attempt(JSON.stringify(data), fileName)
    }), { numRuns: 1500 })
  })
})

describe('keys', () => {
  it('are data, whatever they are called', () => {
    const entry = '{"version":"1.0.0","integrity":"sha512-AAAA"}'
    const found = { name: '__proto__', version: '1.0.0', integrity: 'sha512-AAAA', state: 'registry' }
    expect(attempt(`{"lockfileVersion":3,"packages":{"node_modules/__proto__":${entry},"__proto__":${entry}}}`, 'package-lock.json'))
      .toMatchObject({ packages: [found, { name: '__proto__', state: 'not-from-registry' }] })
    expect(attempt(`{"lockfileVersion":1,"dependencies":{"__proto__":${entry}}}`, 'package-lock.json')).toMatchObject({ packages: [found] })
    expect(attempt('{"lockfileVersion":1,"packages":{"__proto__":["__proto__@1.0.0","",{},"sha512-AAAA"]}}', 'bun.lock')).toMatchObject({ packages: [found] })
    expect(attempt('lockfileVersion: \'9.0\'\npackages:\n  __proto__@1.0.0: {resolution: {integrity: sha512-AAAA}}\n  __proto__: {}\n', 'pnpm-lock.yaml'))
      .toMatchObject({ packages: [found, { name: '__proto__', state: 'not-from-registry' }] })
    expect(attempt('__proto__@1:\n  version "1.0.0"\n  integrity sha512-AAAA\n', 'yarn.lock')).toMatchObject({ packages: [found] })
    // The fields of an entry are its own.
    expect(attempt('{"lockfileVersion":1,"packages":{"a":["a@1.0.0","",{"__proto__":{"bundled":true}},"sha512-AAAA"]}}', 'bun.lock'))
      .toEqual({ kind: 'bun', version: '1', packages: [{ ...found, name: 'a', at: 'a' }] })
    expect(attempt('{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","__proto__":{"link":true}}}}', 'package-lock.json'))
      .toMatchObject({ packages: [{ name: 'a', state: 'no-integrity' }] })
    expect(Object.prototype).not.toHaveProperty('bundled')
  })
})

describe('size', () => {
  it.each<[string, string, LockfileErrorCode, string]>([
    ['a text of more than 64 MB', 'yarn.lock', 'TOO_LARGE', ' '.repeat(64 * 1024 * 1024 + 1)],
    ['more than 200,000 packages', 'yarn.lock', 'TOO_LARGE', Array.from({ length: 200_001 }, (_, n) => `n${n}@1:\n  version "1.0.0"\n`).join('')],
    ['YAML of more pieces than memory has room for', 'pnpm-lock.yaml', 'TOO_LARGE', 'a: b\n'.repeat(300_000)],
    ['endless YAML documents', 'pnpm-lock.yaml', 'MALFORMED', '---\n'.repeat(500_000)],
    ['YAML lists in lists', 'pnpm-lock.yaml', 'MALFORMED', '['.repeat(1_000_000)],
    ['YAML lists in lists, without brackets', 'pnpm-lock.yaml', 'MALFORMED', '- '.repeat(20_000)],
    ['JSON lists in lists', 'package-lock.json', 'MALFORMED', '['.repeat(5_000_000)],
    ['JSON lists in lists, with comments', 'bun.lock', 'MALFORMED', '['.repeat(5_000_000)],
    ['dependencies of dependencies', 'package-lock.json', 'MALFORMED',
      `{"lockfileVersion":1,"dependencies":${'{"a":{"dependencies":'.repeat(100_000)}{}${'}}'.repeat(100_000)}}`],
    ['one long name', 'package-lock.json', 'MALFORMED', `{"lockfileVersion":1,"dependencies":{"${'x'.repeat(1_000_000)}":{}}}`],
    ['one text without an end', 'yarn.lock', 'MALFORMED', `"${'x\\'.repeat(1_000_000)}`],
  ])('is refused: %s', (_, fileName, code, text) => {
    expect(attempt(text, fileName)).toBe(code)
  })

  it('is no matter of one long folder name', () => {
    expect(attempt(`{"lockfileVersion":3,"packages":{"${'x'.repeat(2_000_000)}/y":{}}}`, 'package-lock.json')).toMatchObject({ packages: [{ name: 'y' }] })
  })

  it('is read: a thousand packages in a second', () => {
    const text = `lockfileVersion: '9.0'\n\npackages:\n\n${Array.from({ length: 1000 }, (_, n) => `  n${n}@1.0.0:\n    resolution: {integrity: sha512-AAAA}\n\n`).join('')}`
    const begun = performance.now()
    expect(attempt(text, 'pnpm-lock.yaml')).toMatchObject({ packages: { length: 1000 } })
    expect(performance.now() - begun).toBeLessThan(3000)
  })
})
