import { Buffer } from 'node:buffer'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import { encodeBundle, encodeGoDataTile, TILE_WIDTH, type TileId } from '../../shared/tlog/index.ts'
import { RegistryError } from '../errors.ts'
import type { About, HttpRequest, HttpResponse } from '../http/index.ts'
import type { Log } from '../log/types.ts'
import { answer, BYTES, FOR_EVER, TEXT } from './answers.ts'
import { acceptsGzip } from './encodings.ts'
import type { Target } from './path.ts'

type TileTarget = Extract<Target, { route: 'tile' | 'go-tile' | 'entries' | 'go-data' }>

export interface Tiles {
  /** The answer that is ready in memory for exactly this path. */
  ready(request: HttpRequest): HttpResponse | undefined
  /** @throws RegistryError `NOT_FOUND` for what lies beyond the tree */
  load(target: TileTarget, request: HttpRequest, about: About): Promise<HttpResponse>
}

/** A tile or bundle as it is sent, also compressed if that makes it smaller. */
interface Ready {
  plain: HttpResponse
  gzipped?: HttpResponse
}

/** Memory for ready answers, in bytes. */
const READY_BYTES = 32 * 1024 * 1024
/** What an answer takes beside its body. */
const OVERHEAD = 1_000

const HASH_SIZE = 32

const compress = promisify(gzip)

/**
 * Tiles and bundles, kept ready by their path. Nothing is ever taken back: a tile of a given width says the same for ever, also
 * a partial one, and what is not yet in the tree is not kept.
 */
export function createTiles(log: Log): Tiles {
  const kept = new LRUCache<string, Ready>({
    maxSize: READY_BYTES,
    sizeCalculation: ({ plain, gzipped }) => sizeOf(plain) + (gzipped ? sizeOf(gzipped) : 0),
  })

  return {
    ready({ path, headers }) {
      const ready = kept.get(path)
      return ready && choose(ready, headers['accept-encoding'])
    },
    async load(target, { path, headers }, about) {
      // A path with a query is another text for the same tile.
      const key = path.split('?', 1)[0]!
      let ready = kept.get(key)
      if (!ready) {
        const remembered = { ...about, tier: 'memory' }
        ready = await read(log, target, remembered)
        if (!ready) {
          // The client may have its checkpoint from another process on the same database: asking for the head has us look again.
          await log.head()
          ready = await read(log, target, remembered)
        }
        if (!ready) throw beyond('tile' in target ? 'tile' : 'bundle of records')
        kept.set(key, ready)
      }
      return { ...choose(ready, headers['accept-encoding']), about: { ...about, tier: 'disk' } }
    },
  }
}

function choose({ plain, gzipped }: Ready, encodings: string | undefined): HttpResponse {
  return gzipped && acceptsGzip(encodings) ? gzipped : plain
}

/** Undefined for what is beyond the tree. */
async function read(log: Log, target: TileTarget, about: About): Promise<Ready | undefined> {
  if ('tile' in target) {
    const hashes = await readHashes(log, target)
    return hashes && { plain: answer(hashes, BYTES, FOR_EVER, about) }
  }
  const texts = await readTexts(log, target)
  if (!texts) return undefined
  const isGo = target.route === 'go-data'
  const bytes = Buffer.from(isGo ? encodeGoDataTile(texts) : encodeBundle(texts.map(text => Buffer.from(text))))
  const plain = answer(bytes, isGo ? TEXT : BYTES, FOR_EVER, about)
  plain.headers.vary = 'accept-encoding'
  const packed = await compress(bytes)
  if (packed.length >= bytes.length) return { plain }
  return { plain, gzipped: { ...plain, headers: { ...plain.headers, 'content-encoding': 'gzip', 'content-length': packed.length }, body: packed } }
}

async function readHashes(log: Log, { tile }: Extract<TileTarget, { tile: TileId }>): Promise<Buffer | undefined> {
  const { level, index, width } = tile
  // Number of the first leaf below it. One that is no exact integer is far beyond any tree.
  const isPossible = Number.isSafeInteger(index * TILE_WIDTH ** (level + 1))
  const hashes = isPossible ? await log.tile(level, index) : undefined
  if (!hashes || hashes.length < width * HASH_SIZE) return undefined
  // A partial tile is the beginning of the full one, so any width that the tree ever had can be cut from it. Copied, so that the
  // whole is not kept for the part.
  return Buffer.from(hashes.subarray(0, width * HASH_SIZE))
}

async function readTexts(log: Log, { index, width }: { index: number, width: number }): Promise<string[] | undefined> {
  const from = index * TILE_WIDTH
  const isPossible = Number.isSafeInteger(from + width)
  const texts = isPossible ? await log.texts(from, from + width) : []
  return texts.length < width ? undefined : texts
}

function beyond(what: string): RegistryError {
  return new RegistryError('NOT_FOUND', `The log has no such ${what}: at this index or of this width it lies beyond the current checkpoint.`)
}

function sizeOf({ body }: HttpResponse): number {
  return OVERHEAD + (Buffer.isBuffer(body) ? body.length : 0)
}
