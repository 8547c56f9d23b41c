import { LockfileError, quote } from './errors.ts'
import { readJsonc } from './json.ts'
import type { Lockfile } from './types.ts'

type Kind = Lockfile['kind']

const NAMES: readonly [pattern: RegExp, kind: Kind | 'yarn'][] = [
  [/^(?:\.?package-lock|npm-shrinkwrap)\.json$/, 'npm'],
  [/^pnpm-lock(?:\..+)?\.yaml$/, 'pnpm'],
  [/^yarn\.lock$/, 'yarn'],
  [/^bun\.lock$/, 'bun'],
]

/**
 * Which client wrote a lockfile: by the name of the file, its path being of no matter, otherwise by its content.
 *
 * @throws LockfileError UNKNOWN_FORMAT, or BINARY for `bun.lockb`.
 */
export function detectKind(text: string, fileName: string): Kind {
  const name = fileName.split(/[\\/]/).at(-1)!
  if (name === 'bun.lockb' || text.startsWith('#!/usr/bin/env bun\nbun-lockfile-format') || text.includes('\0')) {
    throw new LockfileError('BINARY',
      'This is a binary file; if it is bun.lockb, run `bun install --save-text-lockfile --frozen-lockfile --lockfile-only` and use bun.lock.')
  }
  const kind = NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? kindOfContent(text)
  if (kind === 'yarn') return /^__metadata:/m.test(text) ? 'yarn-berry' : 'yarn-classic'
  if (kind) return kind
  throw new LockfileError('UNKNOWN_FORMAT',
    `${quote(name)} is no lockfile we know; those are package-lock.json, npm-shrinkwrap.json, pnpm-lock.yaml, yarn.lock and bun.lock.`)
}

function kindOfContent(text: string): Kind | 'yarn' | undefined {
  if (/^__metadata:|^# yarn lockfile v/m.test(text)) return 'yarn'
  if (/^lockfileVersion:/m.test(text)) return 'pnpm'
  if (!/^\s*[{/]/.test(text)) return undefined
  // Bun's format is a superset of npm's; only Bun has its workspaces at the top.
  const top = readJsonc(text)
  if (!(top instanceof Map) || !top.has('lockfileVersion')) return undefined
  return top.has('workspaces') ? 'bun' : 'npm'
}
