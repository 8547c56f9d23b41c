/**
 * Verifies records of a large log as a client does, from nothing but its key: `node verifying.ts <size> <count>`; sends
 * `Verifications`.
 */
import {
  checkInclusion, createTileHashReader, createVerifier, emptyEdge, grow, leafHash, openCheckpoint, proveInclusion, rootOfEdge,
  TILE_WIDTH, verifyEd25519 as verifyInJavaScript, type Ed25519Verify, type ReadTiles, type TileId,
} from '../../../shared/tlog/index.ts'
import { formatRecord } from '../../../shared/record/index.ts'
import { createSigner, generateSignerKey, verifyEd25519 as verifyInOpenSsl } from '../../../server/log/signer.ts'
import { randomFrom } from '../../common/random.ts'
import { packagesOf, takePackages } from '../records.ts'

/** Microseconds for each record. */
export interface Verifications {
  size: number
  openSsl: number[]
  javaScript: number[]
  /** Of one record. */
  tiles: number
  bytes: number
}

const [size, count] = process.argv.slice(2).map(Number)
if (!size || !count) throw new Error('usage: node verifying.ts <size> <count>')
const WARM_UP = 50

const encoder = new TextEncoder()
const random = randomFrom('verifying')
const recorded = new Date().toISOString()
// Real records here and there; the others are only hashes.
const texts = new Map(takePackages(packagesOf('verify'), WARM_UP + count).flat().slice(0, WARM_UP + count)
  .map(draft => [random.between(0, size - 1), encoder.encode(formatRecord({ ...draft, recorded }))]))

const stored = new Map<string, Uint8Array>()
let edge = emptyEdge()
while (edge.size < size) {
  const first = edge.size
  const leaves = Array.from({ length: Math.min(TILE_WIDTH * 16, size - first) }, (_, n) =>
    leafHash(texts.get(first + n) ?? encoder.encode(String(first + n))))
  const grown = grow(edge, leaves)
  for (const { level, index, hashes } of grown.full) stored.set(`${level} ${index}`, hashes)
  edge = grown.edge
}
edge.levels.forEach((hashes, level) => stored.set(`${level} ${Math.floor(size / TILE_WIDTH ** (level + 1))}`, hashes))

const signer = createSigner(generateSignerKey('log.example'))
const checkpoint = signer.sign(size, rootOfEdge(edge))

const tileOf = ({ level, index, width }: TileId) => stored.get(`${level} ${index}`)!.subarray(0, width * 32)
const readTiles: ReadTiles = async tiles => tiles.map(tileOf)

/** One record from nothing: checkpoint, tiles up to the root, inclusion. */
async function verifyOne(index: number, entry: Uint8Array, verify: Ed25519Verify, read = readTiles): Promise<void> {
  const head = openCheckpoint(checkpoint, createVerifier(signer.vkey, verify))
  const hashes = await proveInclusion(index, head.size, createTileHashReader(head, read))
  checkInclusion({ index, size: head.size, hashes, leaf: leafHash(entry), root: head.root })
}

const result: Verifications = { size, openSsl: [], javaScript: [], tiles: 0, bytes: 0 }
const [[index, entry] = [0, new Uint8Array()]] = texts
await verifyOne(index, entry, verifyInOpenSsl, async (tiles) => {
  result.tiles = tiles.length
  result.bytes = tiles.reduce((sum, { width }) => sum + width * 32, 0)
  return readTiles(tiles)
})
const refused = await verifyOne(index, entry.with(0, 0), verifyInOpenSsl).then(() => false, () => true)
if (!refused) throw new Error('a changed record was verified')

let n = 0
for (const [index, entry] of texts) {
  for (const [list, verify] of [[result.openSsl, verifyInOpenSsl], [result.javaScript, verifyInJavaScript]] as const) {
    const started = performance.now()
    await verifyOne(index, entry, verify)
    if (n >= WARM_UP) list.push((performance.now() - started) * 1000)
  }
  n += 1
}
process.send?.(result)
