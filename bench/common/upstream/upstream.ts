/**
 * The upstream registry, a process of its own: `fork` it (see `start.ts`), and it sends `{ origin, root }` when it is ready.
 * Every packument is ready bytes, so that what the bench sees is the proxies' work.
 *
 * Control: `GET /__count` (requests per path), `GET /__reset`, `GET /__delay/<ms>` (before each packument).
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { SHAPES, abbreviate, packumentOf } from './documents.ts'
import type { Packument } from './documents.ts'
import { buildTree } from './tree.ts'
import type { Tree } from './tree.ts'

interface Ready {
  type: string
  etag: string
  identity: Buffer
  gzip: Buffer
}

const CORGI = 'application/vnd.npm.install-v1+json'
const HEADERS = { 'cache-control': 'public, max-age=300', 'vary': 'Accept, Accept-Encoding' }

const counts = new Map<string, number>()
const packuments = new Map<string, { full: Ready, corgi: Ready }>()
let delay = 0
let origin = ''
let tree: Tree = { root: {}, packuments: [], tarballs: new Map() }

function ready(document: unknown, type: string): Ready {
  const identity = Buffer.from(JSON.stringify(document))
  return { type, etag: `"${createHash('sha1').update(identity).digest('hex')}"`, identity, gzip: gzipSync(identity) }
}

function keep(packument: Packument): { full: Ready, corgi: Ready } {
  const bodies = { full: ready(packument, 'application/json'), corgi: ready(abbreviate(packument), CORGI) }
  packuments.set(packument.name, bodies)
  return bodies
}

/** The packument of a tree package, of a package of a known shape, or of any copy of one such as `bench-medium-7`. */
function find(name: string): { full: Ready, corgi: Ready } | undefined {
  const known = packuments.get(name)
  if (known) return known
  const shape = Object.entries(SHAPES).find(([base]) => name === base || name.startsWith(`${base}-`))?.[1]
  return shape && keep(packumentOf(name, origin, shape))
}

function control(path: string, response: ServerResponse): void {
  if (path === '/__reset') counts.clear()
  if (path.startsWith('/__delay/')) delay = Number(path.slice('/__delay/'.length))
  response.setHeader('content-type', 'application/json').end(JSON.stringify(Object.fromEntries(counts)))
}

function answer(request: IncomingMessage, response: ServerResponse, path: string): void {
  const tarball = tree.tarballs.get(path)
  if (tarball) {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': tarball.length, 'cache-control': 'public, max-age=31536000' })
    response.end(tarball)
    return
  }
  const bodies = path.startsWith('/-/') ? undefined : find(path.slice(1))
  if (!bodies) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}')
    return
  }
  const body = request.headers.accept?.includes(CORGI) ? bodies.corgi : bodies.full
  if (request.headers['if-none-match'] === body.etag) {
    response.writeHead(304, { ...HEADERS, etag: body.etag }).end()
    return
  }
  const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding']))
  const bytes = zipped ? body.gzip : body.identity
  response.writeHead(200, {
    ...HEADERS,
    ...(zipped && { 'content-encoding': 'gzip' }),
    'content-type': body.type,
    'content-length': bytes.length,
    'etag': body.etag,
  })
  response.end(bytes)
}

const server = createServer((request, response) => {
  const path = decodeURIComponent(request.url ?? '/')
  if (path.startsWith('/__')) {
    control(path, response)
    return
  }
  counts.set(path, (counts.get(path) ?? 0) + 1)
  if (delay && !path.includes('/-/')) setTimeout(answer, delay, request, response, path)
  else answer(request, response, path)
})

server.keepAliveTimeout = 120_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('the upstream has no TCP address')
  origin = `http://127.0.0.1:${address.port}/`
  tree = buildTree(origin)
  for (const packument of tree.packuments) keep(packument)
  for (const name of Object.keys(SHAPES)) find(name)
  process.send?.({ origin, root: tree.root })
})
// The bench may be killed without a chance to say so.
process.on('disconnect', () => process.exit())
