import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import {
  decodeBase64, leafHash, nodeHash, parseTilePath, rootOf, tilePath,
  type Hash, type HashReader, type ReadTiles, type TileId,
} from '../../../shared/tlog/index.ts'
import { concatHashes } from '../../../shared/tlog/merkle.ts'

interface Vectors {
  leaves: { index: number, entry: string, leafHash: string }[]
  roots: { size: number, root: string }[]
  inclusion: { index: number, size: number, proof: string[] }[]
  consistency: { oldSize: number, newSize: number, proof: string[] }[]
  tilePaths: { index: number, path: string }[]
  tiles: { treeSize: number, path: string, bytes: number, sha256: string }[]
}

/** Computed with golang.org/x/mod/sumdb. */
export const vectors: Vectors = JSON.parse(readFileSync(new URL('../../vectors/tlog.json', import.meta.url), 'utf8'))

const roots = new Map(vectors.roots.map(({ size, root }) => [size, decodeBase64(root)]))

/** Root of the tree of the vectors' first `size` entries. */
export function vectorRoot(size: number): Hash {
  return roots.get(size) ?? rootOf(leaves.slice(0, size))
}

export function entryOf(index: number): Uint8Array {
  return new TextEncoder().encode(`record ${index}\n`)
}

/** Leaf hashes of all entries of the vectors. */
export const leaves: readonly Hash[] = Array.from({ length: 70_000 }, (_, i) => leafHash(entryOf(i)))

/** The recursive definition of RFC 6962 2.1, word for word, by another implementation of SHA-256. */
export function definedRoot(hashes: readonly Hash[]): Hash {
  const sha256 = createHash('sha256')
  if (hashes.length === 1) return hashes[0]!
  if (hashes.length > 1) {
    const k = 2 ** (32 - Math.clz32(hashes.length - 1) - 1)
    sha256.update(Uint8Array.of(1)).update(definedRoot(hashes.slice(0, k))).update(definedRoot(hashes.slice(k)))
  }
  return new Uint8Array(sha256.digest())
}

const perfect = new Map<string, Hash>()

/** Hash of the perfect subtree of 2^level leaves. */
function perfectHash(level: number, index: number): Hash {
  if (level === 0) {
    if (!leaves[index]) throw new Error(`there is no leaf ${index}`)
    return leaves[index]
  }
  const key = `${level}/${index}`
  const hash = perfect.get(key) ?? nodeHash(perfectHash(level - 1, 2 * index), perfectHash(level - 1, 2 * index + 1))
  perfect.set(key, hash)
  return hash
}

/** Reads nodes by hashing their leaves. */
export const readLeaves: HashReader = async nodes => nodes.map(({ level, index }) => perfectHash(level, index))

/** A tile of the tree of the vectors' entries, by its definition. */
export function definedTile({ level, index, width }: TileId): Uint8Array {
  return concatHashes(Array.from({ length: width }, (_, i) => perfectHash(8 * level, index * 256 + i)))
}

/** Reads tiles by their definition, and says which. `forge` may replace the bytes of a tile. */
export function tilesOf(forge?: (path: string, bytes: Uint8Array) => Uint8Array): { read: ReadTiles, calls: string[][] } {
  const calls: string[][] = []
  const read: ReadTiles = async (tiles) => {
    const paths = tiles.map(tilePath)
    calls.push(paths)
    return paths.map((path) => {
      const bytes = definedTile(parseTilePath(path)!)
      return forge ? forge(path, bytes) : bytes
    })
  }
  return { read, calls }
}

/** A copy with one bit changed. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at]! ^= 1 << at % 8
  return copy
}

/** Matches a refusal of the core. */
export function refusal(code: string, message = ''): unknown {
  return expect.objectContaining({ name: 'TlogError', code, message: expect.stringContaining(message) })
}
