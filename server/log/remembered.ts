import { randomBytes } from 'node:crypto'
import { closeSync, constants, fdatasyncSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/**
 * The last checkpoint that was made public, outside of the database: a database that was restored from a backup is older than it,
 * and must not go on as if nothing had happened.
 */
export interface RememberedHead {
  /** Where it is kept, for messages. */
  readonly file: string
  read(): Promise<string | undefined>
  /**
   * Synchronous, because it comes between a commit and its publication and takes less than starting something asynchronous.
   * @param options.durably waits for the disk; else, after a power failure, an older one may stand here, still a lower bound
   */
  write(checkpoint: string, options?: { durably?: boolean }): void
}

/** Every checkpoint is written with the same length: a kill, or another process, between two steps would leave a mixture. */
const LENGTH = 4_096

export function createRememberedHead(file: string): RememberedHead {
  return {
    file,
    async read() {
      try {
        return (await readFile(file, 'utf8')).replace(/\0+$/, '')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    write(checkpoint, { durably = false } = {}) {
      const bytes = Buffer.alloc(LENGTH)
      if (bytes.write(checkpoint) < Buffer.byteLength(checkpoint)) throw new Error(`A checkpoint is longer than the ${LENGTH} bytes of ${file}.`)
      const fd = openExisting(file) ?? create(file, bytes)
      try {
        // In its place, all of it at once: a file that replaces another costs more than the whole commit.
        writeSync(fd, bytes, 0, LENGTH, 0)
        if (durably) fdatasyncSync(fd)
      } finally {
        closeSync(fd)
      }
    },
  }
}

function openExisting(file: string): number | undefined {
  try {
    return openSync(file, constants.O_WRONLY)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whole before it has its name: nobody finds it empty. */
function create(file: string, bytes: Uint8Array): number {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(temporary, bytes, { mode: 0o600 })
  renameSync(temporary, file)
  return openSync(file, constants.O_WRONLY)
}
