/** A process that is killed in the middle of a download: says `flowing` when bytes have come, then waits. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createDownloads } from '../../../server/tarball/download.ts'
import { createTarballStore } from '../../../server/tarball/store.ts'

const dir = process.argv[2]!
const data = Buffer.alloc(3 * 1024 * 1024, 1)
const store = createTarballStore({ dir: join(dir, 'store'), maxBytes: 1e9 })
const downloads = createDownloads({ store, tmpDir: join(dir, 'tmp'), limits: { maxTarballSize: 1e9, bodyTimeout: 60_000 } })

async function* body() {
  yield data.subarray(0, -1)
  process.stdout.write('flowing')
  await new Promise(resolve => setTimeout(resolve, 60_000))
}

downloads.fetch(
  `sha512-${createHash('sha512').update(data).digest('base64')}`,
  [{ name: 'source', open: async () => ({ body: body() }) }],
  'x@1.0.0',
)
