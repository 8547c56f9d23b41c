/**
 * A 32-bit hash of a text (FNV-1a, then mixed so that neighbouring texts are far apart). For sharing out work: it is no digest.
 */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let n = 0; n < text.length; n++) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193)
  return mixed(hash)
}

/**
 * How much a key belongs to a node. The node with the highest weight gets the key; when it is gone, its keys go to their
 * second highest and nobody else's move.
 * @param key as `hashOf` gives it
 * @param node as `hashOf` gives it
 */
export function weightOf(key: number, node: number): number {
  return mixed(Math.imul(key, 0x9e3779b1) ^ node)
}

/** The last step of MurmurHash3: every bit of the input moves half of the bits. */
function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
