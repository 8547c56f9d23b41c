import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import type { Storage } from 'unstorage'
import { isObject } from './parse.ts'
import type { Validators } from './fetch.ts'

/** One state of one package's document, as an authority answered it. */
export interface Snapshot extends Validators {
  name: string
  /** URL of the authority: an id may point elsewhere after the next change of the configuration. */
  registry: string
  /** SHA-256 of the document's bytes, base64url: the snapshot's identity. */
  id: string
  /** Bytes of the document. */
  size: number
  /** When the authority last said so, milliseconds since the epoch. */
  checkedAt: number
}

/** The disk cache: survives a restart, may be shared (Redis), and is never trusted without its digest. */
export interface Snapshots {
  load(registry: string, name: string): Promise<Snapshot | undefined>
  /** The document itself; undefined when it is gone or not what was written. */
  body(snapshot: Snapshot): Promise<Buffer | undefined>
  save(snapshot: Snapshot, bytes: Buffer): Promise<void>
  /** Records a new `checkedAt` or new validators without writing the document again. */
  touch(snapshot: Snapshot): Promise<void>
  remove(snapshot: Snapshot): Promise<void>
  count(): number
}

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

export function createSnapshots(storage: Storage, maxSize: number): Snapshots {
  let count = 0
  // Counting walks the whole cache; nobody waits for it.
  storage.getKeys('packuments').then(
    (keys) => { count += keys.filter(key => key.endsWith(':meta')).length },
    () => { /* A cache that cannot be listed fails at the first use as well, and is reported there. */ },
  )

  return {
    async load(registry, name) {
      const stored = await storage.getItem(`${place(registry, name)}:meta`)
      return isSnapshot(stored) && stored.name === name && stored.registry === registry ? stored : undefined
    },
    async body(snapshot) {
      const stored = await storage.getItemRaw(bodyKey(snapshot))
      if (!stored) return undefined
      try {
        const bytes = await decompress(Buffer.from(stored), { maxOutputLength: maxSize })
        return snapshotId(bytes) === snapshot.id ? bytes : undefined
      } catch {
        // Cut short by a crash, or edited: as good as gone, the authority is asked again.
        return undefined
      }
    },
    async save(snapshot, bytes) {
      const key = `${place(snapshot.registry, snapshot.name)}:meta`
      const before = await storage.getItem(key)
      // The body first: whoever reads the new meta finds it.
      await storage.setItemRaw(bodyKey(snapshot), await compress(bytes))
      await storage.setItem(key, { ...snapshot })
      if (!isSnapshot(before)) count++
      else if (before.id !== snapshot.id) await storage.removeItem(bodyKey(before))
    },
    async touch(snapshot) {
      await storage.setItem(`${place(snapshot.registry, snapshot.name)}:meta`, { ...snapshot })
    },
    async remove(snapshot) {
      count--
      await storage.removeItem(`${place(snapshot.registry, snapshot.name)}:meta`)
      await storage.removeItem(bodyKey(snapshot))
    },
    count: () => Math.max(0, count),
  }
}

export function snapshotId(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url')
}

/** URLs and names are hashed: case, slashes and lengths mean different things to different file systems. */
function place(registry: string, name: string): string {
  const [source, hash] = [registry, name].map(text => createHash('sha256').update(text).digest('hex')) as [string, string]
  return `packuments:${source.slice(0, 12)}:${hash.slice(0, 2)}:${hash.slice(2, 40)}`
}

function bodyKey({ registry, name, id }: Snapshot): string {
  return `${place(registry, name)}:body-${Buffer.from(id, 'base64url').toString('hex').slice(0, 32)}`
}

function isSnapshot(value: unknown): value is Snapshot {
  return isObject(value)
    && typeof value.name === 'string' && typeof value.registry === 'string' && typeof value.id === 'string'
    && typeof value.size === 'number' && typeof value.checkedAt === 'number'
    && (value.etag === undefined || typeof value.etag === 'string')
    && (value.lastModified === undefined || typeof value.lastModified === 'string')
}
