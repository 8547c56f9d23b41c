import { join } from 'node:path'
import { createStorage, type Storage } from 'unstorage'
import fsDriver from 'unstorage/drivers/fs'
import redisDriver from 'unstorage/drivers/redis'
import type { Config } from './config/types.ts'

/** The disk cache: files in the data directory, or a Redis that several servers may share. */
export function openCacheStorage({ cache, dataDir }: Pick<Config, 'cache' | 'dataDir'>): Storage {
  if (cache.driver === 'fs') return createStorage({ driver: fsDriver({ base: join(dataDir, 'cache') }) })
  const driver = redisDriver({
    url: cache.redisUrl,
    base: 'npmx-registry',
    // An answer that waits for a cache is worse than none: a Redis that is away or hangs fails soon, and requests go on.
    maxRetriesPerRequest: 1,
    enableOfflineQueue: true,
    connectTimeout: 2_000,
    commandTimeout: 1_000,
  })
  // Every use that fails is reported by who needed it; the client's own account of each attempt to reconnect would repeat that.
  driver.getInstance?.().on('error', () => {})
  return createStorage({ driver })
}
