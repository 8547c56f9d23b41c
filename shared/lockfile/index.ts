import { readBun } from './bun.ts'
import { detectKind } from './detect.ts'
import { lineAt, LockfileError } from './errors.ts'
import { readNpm } from './npm.ts'
import { readPnpm } from './pnpm.ts'
import { readYarnBerry } from './yarn-berry.ts'
import { readYarnClassic } from './yarn-classic.ts'
import type { Lockfile } from './types.ts'

export { LockfileError } from './errors.ts'
export type { LockfileErrorCode } from './errors.ts'
export type { LockedPackage, Lockfile, LockState } from './types.ts'

/** 64 MB of the characters that lockfiles consist of. */
const MAX_LENGTH = 64 * 1024 * 1024

const READERS: Record<Lockfile['kind'], (text: string) => Lockfile> = {
  'npm': readNpm,
  'pnpm': readPnpm,
  'yarn-classic': readYarnClassic,
  'yarn-berry': readYarnBerry,
  'bun': readBun,
}

/**
 * Every package that a lockfile names, and what the lockfile says about its bytes.
 * What is locked for a package from a registry is reported as it is; nothing is fetched and no digest computed.
 *
 * @param text the whole file
 * @param fileName its name or path; where the name is not a lockfile's, the content decides
 * @throws LockfileError and nothing else, for whatever text
 */
export function parseLockfile(text: string, fileName: string): Lockfile {
  try {
    return read(text.startsWith('\ufeff') ? text.slice(1) : text, fileName)
  } catch (error) {
    if (error instanceof LockfileError) throw error
    // A library that gives up on a hostile text, above all at the end of its stack.
    throw new LockfileError('MALFORMED', 'The text cannot be read as a lockfile.', { cause: error })
  }
}

function read(text: string, fileName: string): Lockfile {
  if (text.length > MAX_LENGTH) {
    throw new LockfileError('TOO_LARGE', `The lockfile has ${text.length} characters; ${MAX_LENGTH} are the most we read.`)
  }
  const kind = detectKind(text, fileName)
  const conflict = /^<{7}(?: |\r?$)/m.exec(text)
  if (conflict) {
    throw new LockfileError('CONFLICT', 'A merge left its conflicts in the lockfile; resolve them first.', {
      line: lineAt(text, conflict.index + 1),
    })
  }
  return READERS[kind](text)
}
