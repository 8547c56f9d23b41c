import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { StateError, type HeadStore } from '../shared/sumdb/index.ts'
import { parseVkey } from '../shared/tlog/index.ts'

/** What is remembered of one log between runs. Losing it means that a rollback or fork before now will not be noticed. */
export interface StateFile {
  path: string
  /** The largest checkpoint that was seen. */
  heads: HeadStore
  /** How many records, from the first on, were verified. */
  verified(): Promise<number>
  setVerified(count: number): Promise<void>
}

interface Content {
  vkey: string
  checkpoint?: string
  verified?: number
}

/** Where programs keep what must survive, other than in a cache. SPEC: XDG Base Directory: relative paths are to be ignored. */
export function stateDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const home = env.XDG_STATE_HOME !== undefined && isAbsolute(env.XDG_STATE_HOME) ? env.XDG_STATE_HOME : join(homedir(), '.local', 'state')
  return join(home, 'npmx-registry')
}

/** One file for each origin and key. */
export function defaultStatePath(vkey: string, directory = stateDirectory()): string {
  const { name, keyId } = parseVkey(vkey)
  // Origins that become the same text still differ in the key's id, which is a hash of the origin too.
  return join(directory, `${name.replaceAll(/[^\w.-]/g, '_')}+${keyId.toString(16).padStart(8, '0')}.json`)
}

/** The key of the log that a state file is about; undefined if there is no such file. @throws StateError */
export async function vkeyOf(path: string): Promise<string | undefined> {
  return (await read(path))?.vkey
}

export function openStateFile(path: string, vkey: string): StateFile {
  async function current(): Promise<Content> {
    const content = await read(path) ?? { vkey }
    if (content.vkey !== vkey) {
      throw new StateError(`${path} remembers another log, whose key is ${content.vkey}; this log's is ${vkey}. Name another file with --state.`)
    }
    return content
  }
  return {
    path,
    heads: {
      read: async () => (await current()).checkpoint,
      // Between reading and renaming another program may write. Then the smaller of two verified trees may be what is remembered.
      async replace(expected, next) {
        const content = await current()
        if (content.checkpoint !== expected) return false
        await write(path, { ...content, checkpoint: next })
        return true
      },
    },
    verified: async () => (await current()).verified ?? 0,
    setVerified: async count => write(path, { ...await current(), verified: count }),
  }
}

async function read(path: string): Promise<Content | undefined> {
  const content = await readJson(path)
  if (content === undefined) return undefined
  const { vkey, checkpoint, verified } = content
  const isWhole = typeof vkey === 'string'
    && (checkpoint === undefined || typeof checkpoint === 'string')
    && (verified === undefined || (Number.isSafeInteger(verified) && (verified as number) >= 0))
  if (!isWhole) throw damaged(path)
  return { vkey, checkpoint, verified } as Content
}

/**
 * The object in a file of our own; undefined if there is no such file.
 *
 * @throws StateError
 */
export async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StateError(`${path} cannot be read (${(cause as Error).message}).`, { cause })
  }
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw damaged(path, cause)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw damaged(path)
  return content as Record<string, unknown>
}

/** Writes a file of our own so that whoever reads it sees all of it, before and after. */
export async function writeJson(path: string, content: object): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true })
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {})
    throw new StateError(`${path} cannot be written (${(cause as Error).message}).`, { cause })
  }
}

const write: (path: string, content: Content) => Promise<void> = writeJson

function damaged(path: string, cause?: unknown): StateError {
  return new StateError(`${path} is damaged. Restore it, or delete it: then what was seen of the log before is forgotten.`, { cause })
}
