export { decodeBase64, encodeBase64 } from './base64.ts'
export { decodeBundle, encodeBundle } from './bundles.ts'
export { TlogError } from './errors.ts'
export { emptyEdge, grow, rootOfEdge, type Edge } from './growth.ts'
export { checkConsistency, checkInclusion, emptyRoot, equalHashes, leafHash, nodeHash, rootOf, type Hash } from './merkle.ts'
export type { NodeId } from './proof-nodes.ts'
export { proveConsistency, proveInclusion, readRoot, type HashReader } from './prove.ts'
export { createTileHashReader, createTrustedHashReader, type ReadTiles } from './tile-reader.ts'
export { bundlePath, hashesOf, parseBundlePath, parseTilePath, TILE_WIDTH, tilePath, widthAt, type TileId } from './tiles.ts'
export { appendSignatures, openNote, parseNote, signNote } from './note.ts'
export type { NoteSignature, NoteSigner, NoteVerifier } from './note.ts'
export {
  createVerifier, formatSignerKey, formatVkey, keyIdOf, parseSignerKey, parseVkey, TYPE_COSIGNATURE_V1, TYPE_ED25519,
} from './vkey.ts'
export type { Ed25519Verify, Vkey } from './vkey.ts'
export { verifyEd25519 } from './ed25519.ts'
export { formatCheckpoint, openCheckpoint, parseCheckpoint } from './checkpoint.ts'
export type { Checkpoint } from './checkpoint.ts'
export { cosignatureMessage, createCosignatureVerifier, formatCosignature, parseCosignature } from './cosignature.ts'
export type { Cosignature } from './cosignature.ts'
export { formatTlogProof, parseTlogProof, verifyTlogProof } from './tlog-proof.ts'
export type { TlogProof } from './tlog-proof.ts'
export {
  encodeGoDataTile, formatGoLookup, formatGoTree, goDataPath, goTilePath, isGoRecordText, parseGoDataPath, parseGoLookup,
  parseGoTilePath, parseGoTree,
} from './go.ts'
export type { GoLookup } from './go.ts'
