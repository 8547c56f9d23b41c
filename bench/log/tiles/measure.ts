import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundlePath, TILE_WIDTH, tilePath, widthAt } from '../../../shared/tlog/index.ts'
import { ask } from '../../common/ask.ts'
import { startBare } from '../../common/bare.ts'
import { prefix, startNginx } from '../../common/nginx.ts'
import type { Peer } from '../../common/peer.ts'
import { loadInTurns } from '../../common/rounds.ts'
import type { Sample } from '../../common/rounds.ts'
import { load } from '../../common/wrk.ts'
import { headOf, sumdbOf } from '../sumdb.ts'

export interface TileSamples {
  samples: Sample[]
  /** Bytes on the wire by case. */
  sizes: Record<string, number>
  nginx: string
}

export const TILE_CASES = ['full tile', 'partial tile', 'full bundle'] as const
type TileCase = typeof TILE_CASES[number]

const headers = { 'accept-encoding': 'gzip' }

/** Tiles that are in memory: ours, a bare server's with the same bytes and headers, and nginx's from the same files. */
export async function measureTiles(us: Peer, rounds: number): Promise<TileSamples> {
  const paths = pathsOf((await headOf(us)).size)
  const ours = sumdbOf(us)
  const bare = await startBare(ours, Object.values(paths).map(path => ({ path, headers })))
  const nginx = await startFileServer(ours, paths)
  const peers = [ours, bare, nginx]
  const result: TileSamples = { samples: [], sizes: await sizesAt(peers, paths), nginx: nginx.version }
  for (const peer of peers) await load(peer.url + paths['full tile'], headers, 1)
  for (const title of TILE_CASES) {
    const questions = peers.map(peer => ({ peer, url: peer.url + paths[title], headers }))
    result.samples.push(...await loadInTurns(title, questions, rounds, 1))
  }
  await Promise.all([bare.stop(), nginx.stop()])
  return result
}

function pathsOf(size: number): Record<TileCase, string> {
  const last = Math.floor(size / TILE_WIDTH)
  const middle = Math.floor(last / 2)
  const width = widthAt(0, last, size)
  if (middle === 0 || width === 0) throw new Error(`a log of ${size} records has no full and partial tile`)
  return {
    'full tile': tilePath({ level: 0, index: middle, width: TILE_WIDTH }),
    'partial tile': tilePath({ level: 0, index: last, width }),
    'full bundle': bundlePath(middle, TILE_WIDTH),
  }
}

/** nginx with the answers as files, compressed ones beside them as it wants them. */
async function startFileServer(ours: Peer, paths: Record<TileCase, string>): Promise<Peer> {
  const root = join(prefix, 'files')
  for (const path of Object.values(paths)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), (await ask(ours.url + path)).body)
    const zipped = await ask(ours.url + path, headers)
    if (zipped.headers['content-encoding'] === 'gzip') writeFileSync(join(root, `${path}.gz`), zipped.body)
  }
  return startNginx({
    ready: paths['full tile'],
    http: 'default_type application/octet-stream;\n  open_file_cache max=100;',
    server: `root ${root};
    gzip_static on;
    add_header cache-control "public, max-age=31536000, immutable";
    add_header access-control-allow-origin "*";`,
  })
}

/** Every peer must send the same bytes. */
async function sizesAt(peers: readonly Peer[], paths: Record<TileCase, string>): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {}
  for (const [title, path] of Object.entries(paths)) {
    for (const peer of peers) {
      const { status, body } = await ask(peer.url + path, headers)
      sizes[title] ??= body.length
      if (status !== 200 || body.length !== sizes[title]) {
        throw new Error(`${peer.name} answers ${path} with status ${status} and ${body.length} bytes, not with ${sizes[title]}`)
      }
    }
  }
  return sizes
}
