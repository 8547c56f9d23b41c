import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as v from 'valibot'
import { codeOf } from './credentials.ts'
import { type Self, isSelf } from './self.ts'
import { parseBaseUrl } from './url.ts'

/**
 * The upstreams of the last start that npm configuration named, kept in the data directory. Once the operator points npm
 * at us, nothing else says where packages came from before, and guessing the public registry would send a company's names there.
 */
export interface Remembered {
  /** Normalised URLs, without credentials. */
  registry?: string
  /** By scope, `@acme`. */
  scopes: Readonly<Record<string, string>>
}

const NOTHING: Remembered = { scopes: {} }

const schema = v.object({ registry: v.optional(v.string()), scopes: v.record(v.string(), v.string()) })

/** The file may come from anyone who could write there once: whatever is wrong in it is a notice, and as if it were not there. */
export async function readRemembered(path: string, shown: string, self: Self, notices: string[]): Promise<Remembered> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') notices.push(`${shown} cannot be read (${codeOf(error)}), so the upstream of the last start is not known.`)
    return NOTHING
  }
  try {
    const { registry, scopes } = v.parse(schema, JSON.parse(text))
    return {
      ...(registry !== undefined && { registry: upstream(registry, self) }),
      scopes: Object.fromEntries(Object.entries(scopes).map(([scope, url]) => [scope, upstream(url, self)])),
    }
  } catch {
    // What exactly is wrong does not matter: nobody writes this file by hand, and the next start writes a new one.
    notices.push(`${shown} does not hold the upstream of an earlier start, and is ignored.`)
    return NOTHING
  }
}

/** Atomic: a crash leaves the old file or the new one. Failing is a notice, because this start does not need the file. */
export async function writeRemembered(path: string, shown: string, remembered: Remembered, notices: string[]): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, `${JSON.stringify(remembered, null, 2)}\n`, { mode: 0o600, flush: true })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    notices.push(`${shown} cannot be written (${codeOf(error)}), so the next start will not know the upstream of this one.`)
  }
}

function upstream(text: string, self: Self): string {
  const url = parseBaseUrl(text)
  if (isSelf(url, self)) throw new Error('A remembered upstream is this server')
  return url
}
