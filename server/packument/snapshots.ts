import { createHash } from 'node:crypto'
import type { Storage } from 'unstorage'
import { pack } from './packing.ts'
import { isObject } from './is-object.ts'
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
  /** The packed document; undefined when it is gone. Whoever unpacks it compares its digest with the snapshot's id. */
  body(snapshot: Snapshot): Promise<Buffer | undefined>
  save(snapshot: Snapshot, packed: Buffer): Promise<void>
  /** Records a new `checkedAt` or new validators without writing the document again. */
  touch(snapshot: Snapshot): Promise<void>
  remove(snapshot: Snapshot): Promise<void>
  count(): number
}

export function createSnapshots(storage: Storage): Snapshots {
  let count = 0
  // Counting walks the whole cache; nobody waits for it.
  storage.getKeys('packuments').then(
    (keys) => { count += keys.filter(key => key.endsWith('.meta')).length },
    () => { /* A cache that cannot be listed fails at the first use as well, and is reported there. */ },
  )

  return {
    async load(registry, name) {
      const stored = await storage.getItem(`${place(registry, name)}.meta`)
      return isSnapshot(stored) && stored.name === name && stored.registry === registry ? stored : undefined
    },
    async body(snapshot) {
      const stored = await storage.getItemRaw(bodyKey(snapshot))
      // A driver reports some failures by returning them, and Redis may hold anything.
      return ArrayBuffer.isView(stored) ? Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength) : undefined
    },
    async save(snapshot, packed) {
      const key = `${place(snapshot.registry, snapshot.name)}.meta`
      const before = await storage.getItem(key)
      // The body first: whoever reads the new meta finds it.
      await storage.setItemRaw(bodyKey(snapshot), await pack(packed))
      await storage.setItem(key, { ...snapshot })
      if (!isSnapshot(before)) count++
      else if (before.id !== snapshot.id) await storage.removeItem(bodyKey(before))
    },
    async touch(snapshot) {
      await storage.setItem(`${place(snapshot.registry, snapshot.name)}.meta`, { ...snapshot })
    },
    async remove(snapshot) {
      count--
      await storage.removeItem(`${place(snapshot.registry, snapshot.name)}.meta`)
      await storage.removeItem(bodyKey(snapshot))
    },
    count: () => Math.max(0, count),
  }
}

/**
 * URLs and names are hashed: case, slashes and lengths mean different things to different file systems. There are few folders
 * with many files: making a folder for each package costs as much as writing its files.
 */
function place(registry: string, name: string): string {
  const [source, hash] = [registry, name].map(text => createHash('sha256').update(text).digest('hex')) as [string, string]
  return `packuments:${source.slice(0, 12)}:${hash.slice(0, 2)}:${hash.slice(2, 40)}`
}

function bodyKey({ registry, name, id }: Snapshot): string {
  return `${place(registry, name)}.body-${Buffer.from(id, 'base64url').toString('hex').slice(0, 32)}`
}

function isSnapshot(value: unknown): value is Snapshot {
  return isObject(value)
    && typeof value.name === 'string' && typeof value.registry === 'string' && typeof value.id === 'string'
    && typeof value.size === 'number' && typeof value.checkedAt === 'number'
    && (value.etag === undefined || typeof value.etag === 'string')
    && (value.lastModified === undefined || typeof value.lastModified === 'string')
}
