import { join } from 'node:path'
import type { LimitsConfig } from '../config/types.ts'
import { createDownloads, type Downloads } from './download.ts'
import { createTarballStore, type TarballStore } from './store.ts'

/** Store and downloads over one directory. */
export interface Tarballs {
  store: TarballStore
  downloads: Downloads
  /** Finishes running downloads, for at most `deadline` milliseconds. */
  close(deadline: number): Promise<void>
}

interface TarballsOptions {
  /** A directory of the room's own. */
  dir: string
  maxBytes: number
  limits: LimitsConfig
  onError: (error: Error) => void
}

export function createTarballs({ dir, maxBytes, limits, onError }: TarballsOptions): Tarballs {
  const store = createTarballStore({
    dir: join(dir, 'store'), maxBytes, onError,
    onCorrupt: integrity => onError(new Error(`${integrity} was damaged on disk and is removed; it will be fetched anew.`)),
  })
  const downloads = createDownloads({ store, tmpDir: join(dir, 'incoming'), limits, onError })
  return {
    store,
    downloads,
    async close(deadline) {
      await downloads.drain(deadline)
      await store.close()
    },
  }
}
