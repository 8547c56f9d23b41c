import { gzipSync } from 'node:zlib'
import { Header } from 'tar'

const BLOCK = 512

export interface Entry {
  path: string
  content?: string | Buffer
  /** As tar's library calls it; a file by default. */
  type?: ConstructorParameters<typeof Header>[0] extends infer T ? T extends { type?: infer U } ? U : never : never
  linkpath?: string
  /** What the header says, if that is a lie. */
  size?: number
}

/** Entries as blocks of a tar archive, without its end. */
export function blocks(entries: readonly Entry[]): Buffer {
  return Buffer.concat(entries.flatMap(({ path, content = '', type = 'File', linkpath, size }) => {
    const bytes = Buffer.from(content)
    const header = new Header({ path, type, linkpath, size: size ?? bytes.length, mode: 0o644, mtime: new Date(0) })
    header.encode()
    return [header.block!, bytes, Buffer.alloc((BLOCK - bytes.length % BLOCK) % BLOCK)]
  }))
}

/** A whole tar archive. */
export function archive(...entries: readonly Entry[]): Buffer {
  return Buffer.concat([blocks(entries), Buffer.alloc(2 * BLOCK)])
}

export function tarball(...entries: readonly Entry[]): Buffer {
  return gzipSync(archive(...entries))
}
