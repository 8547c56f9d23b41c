import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import cacache from 'cacache'
import type { Integrity } from './integrity.ts'

/** A content file of the store: its `sha512-…`, size in bytes, and when it was last used (its modification time). */
export interface Content {
  integrity: string
  size: number
  usedAt: number
}

/** Where cacache keeps a content: by digest, in two levels of folders. Asking its index would cost a read each time. */
export function contentPath(dir: string, { algorithm, digest }: Integrity): string {
  const hex = Buffer.from(digest, 'base64').toString('hex')
  return join(dir, 'content-v2', algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4))
}

/** Every content on disk, one file at a time: a scan is never in a hurry, requests are. */
export async function* listContents(dir: string): AsyncGenerator<Content> {
  const root = join(dir, 'content-v2', 'sha512')
  for await (const first of namesIn(root, /^[0-9a-f]{2}$/)) {
    for await (const second of namesIn(join(root, first), /^[0-9a-f]{2}$/)) {
      const folder = join(root, first, second)
      for await (const rest of namesIn(folder, /^[0-9a-f]{124}$/)) {
        const file = await stat(join(folder, rest)).catch(missing)
        if (!file?.isFile()) continue
        const digest = Buffer.from(first + second + rest, 'hex').toString('base64')
        yield { integrity: `sha512-${digest}`, size: file.size, usedAt: file.mtimeMs }
      }
    }
  }
}

/**
 * Writes a content that has this sha512: to a temporary file, hashed once more, then in place by a rename. A crash
 * before the rename leaves nothing visible; after it, the content is complete.
 */
export async function writeContent(dir: string, content: Readable | undefined, { size, integrity }: Omit<Content, 'usedAt'>) {
  const sink = cacache.put.stream(dir, integrity, { integrity, size })
  const stored = sink.promise()
  // Awaited below, after the last write; until then a failure must not count as unhandled.
  stored.catch(() => {})
  // cacache's stream wants at least one write, even of nothing.
  if (size === 0) sink.write(Buffer.alloc(0))
  for await (const chunk of content ?? []) {
    if (!sink.write(chunk)) await Promise.race([new Promise(resolve => sink.once('drain', () => resolve(undefined))), stored])
  }
  sink.end()
  await stored
}

/** Lets weaker digests lead to a content. They are also noted beside it, so that they can go with it. */
export async function addAliases(dir: string, { size, integrity }: Omit<Content, 'usedAt'>, aliases: readonly string[]) {
  const all = [...new Set([...await aliasesOf(dir, integrity), ...aliases])]
  await cacache.index.insert(dir, integrity, integrity, { size, metadata: { aliases: all } })
  for (const alias of aliases) await cacache.index.insert(dir, alias, integrity, { size })
}

/** The `sha512-…` that a weaker digest leads to. */
export async function aliasTarget(dir: string, alias: string): Promise<string | undefined> {
  return (await cacache.get.info(dir, alias))?.integrity
}

/** Removes a content and what leads to it. An index entry that a crash leaves behind leads nowhere: that is a miss. */
export async function eraseContent(dir: string, integrity: string) {
  const keys = [...await aliasesOf(dir, integrity), integrity]
  await cacache.rm.content(dir, integrity)
  // cacache can remove an entry's file instead of appending a tombstone to it; its types do not know.
  const removeEntry = cacache.rm.entry as (dir: string, key: string, options: { removeFully: boolean }) => Promise<unknown>
  for (const key of keys) await removeEntry(dir, key, { removeFully: true })
}

async function aliasesOf(dir: string, integrity: string): Promise<string[]> {
  const info = await cacache.get.info(dir, integrity)
  return (info?.metadata as { aliases?: string[] } | undefined)?.aliases ?? []
}

/** For `catch`: a file that is not there is no failure. */
export function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}

async function* namesIn(folder: string, pattern: RegExp): AsyncGenerator<string> {
  const entries = await opendir(folder).catch(missing)
  if (!entries) return
  for await (const { name } of entries) {
    if (pattern.test(name)) yield name
  }
}
