import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parseLockfile } from '../../../shared/lockfile/index.ts'

const SAMPLES = new URL('samples/', import.meta.url)

const refusal = (text: string, fileName: string) => {
  try {
    return parseLockfile(text, fileName)
  } catch (error) {
    const { name, code, line, message } = error as Record<string, unknown>
    return { name, code, ...(line !== undefined && { line }), message }
  }
}

describe('which client', () => {
  it('is told by the content where the name does not tell', async () => {
    const kinds = new Map<string, string>()
    for (const folder of await readdir(SAMPLES)) {
      const [file] = await readdir(new URL(`${folder}/`, SAMPLES))
      const text = await readFile(new URL(`${folder}/${file}`, SAMPLES), 'utf8')
      const byContent = parseLockfile(text, 'upload')
      expect(byContent).toEqual(parseLockfile(text, `C:\\project\\${file}`))
      kinds.set(folder, byContent.kind)
    }
    expect(Object.fromEntries(kinds)).toEqual({
      'bun-v1': 'bun', 'bun-v2': 'bun',
      'npm-v1': 'npm', 'npm-v2': 'npm', 'npm-v3': 'npm',
      'pnpm-v5.4': 'pnpm', 'pnpm-v6': 'pnpm', 'pnpm-v9': 'pnpm', 'pnpm-v9-two': 'pnpm',
      'yarn-berry-v10': 'yarn-berry', 'yarn-berry-v6': 'yarn-berry', 'yarn-classic': 'yarn-classic',
    })
  })

  it.each([
    ['a/.package-lock.json', '{"lockfileVersion":3}', 'npm'],
    ['pnpm-lock.feature.yaml', '"lockfileVersion": "9.0"', 'pnpm'],
    ['npm-shrinkwrap.json', '\ufeff{"lockfileVersion":1}', 'npm'],
  ])('is told by the name %s', (fileName, text, kind) => {
    expect(parseLockfile(text, fileName)).toMatchObject({ kind, packages: [] })
  })

  it.each([['deno.lock', '{"version":"5"}'], ['README.md', '# Read me'], ['', '']])('is unknown for %s', (fileName, text) => {
    expect(refusal(text, fileName)).toEqual({
      name: 'LockfileError',
      code: 'UNKNOWN_FORMAT',
      message: `"${fileName}" is no lockfile we know; those are package-lock.json, npm-shrinkwrap.json, pnpm-lock.yaml, yarn.lock and bun.lock.`,
    })
  })

  it.each([['bun.lockb', 'x'], ['x', '#!/usr/bin/env bun\nbun-lockfile-format-v0\n'], ['package-lock.json', '{\0}']])('writes binary files: %s', (fileName, text) => {
    expect(refusal(text, fileName)).toEqual({
      name: 'LockfileError',
      code: 'BINARY',
      message: 'This is a binary file; if it is bun.lockb, run `bun install --save-text-lockfile --frozen-lockfile --lockfile-only` and use bun.lock.',
    })
  })
})

describe('refusals', () => {
  it.each([
    ['{"lockfileVersion":4}', 'UNKNOWN_VERSION', undefined, 'This is version "4" of npm\'s lockfile; known are 1, 2 and 3.'],
    ['{}', 'UNKNOWN_VERSION', undefined, 'This is version "none" of npm\'s lockfile; known are 1, 2 and 3.'],
    ['{"lockfileVersion":"3"}', 'UNKNOWN_VERSION', undefined, 'This is version "\\"3\\"" of npm\'s lockfile; known are 1, 2 and 3.'],
    ['[]', 'MALFORMED', undefined, 'The lockfile is not a mapping.'],
    ['{\n"a": 1,\n"b" 2\n}', 'MALFORMED', 3, 'Line 3: The text is not JSON.'],
    ['', 'MALFORMED', 1, 'Line 1: The text is not JSON.'],
    ['{"lockfileVersion":3,"packages":[]}', 'MALFORMED', undefined, 'The field "packages" is not a mapping.'],
    ['{"lockfileVersion":3,"packages":{"node_modules/a":1}}', 'MALFORMED', undefined, 'An entry of "packages" is not a mapping.'],
    ['{"lockfileVersion":3,"packages":{"node_modules/a":{"version":1}}}', 'MALFORMED', undefined,
      'The field "version" of "node_modules/a" is not a text.'],
    ['{"lockfileVersion":3,"packages":{"node_modules/a\\u202e":{}}}', 'MALFORMED', undefined,
      'The entry "node_modules/a\\u202e" holds control characters.'],
    ['{\n<<<<<<< HEAD\n"a": 1\n=======\n>>>>>>> b\n}', 'CONFLICT', 2, 'Line 2: A merge left its conflicts in the lockfile; resolve them first.'],
  ])('of %s', (text, code, line, message) => {
    expect(refusal(text, 'package-lock.json')).toEqual({ name: 'LockfileError', code, ...(line !== undefined && { line }), message })
  })
})
