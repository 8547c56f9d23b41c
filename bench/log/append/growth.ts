import { join } from 'node:path'
import { scratch } from '../../common/children.ts'
import type { Chunk } from './commands.ts'
import { startWriter } from './measure.ts'

/** What the first and the last part of a log took. */
export interface Growth {
  first: Chunk[]
  last: Chunk[]
  total: number
}

const CHUNKS = 40
/** Of the records at each end. */
const SHARE = 0.1

/** Whether an append costs more in a large log: a log of so many records from its first one on, by a process that is warm. */
export async function measureGrowth(total: number): Promise<Growth> {
  const writer = await startWriter('ours')
  await writer.tell({ do: 'open', dataDir: join(scratch, 'growth-warm'), world: 'warm' })
  await writer.tell({ do: 'append', count: total * SHARE / 2 })
  await writer.tell({ do: 'open', dataDir: join(scratch, 'growth'), world: 'growth' })
  const chunks: Chunk[] = []
  while (chunks.length < CHUNKS) chunks.push(await writer.tell({ do: 'append', count: total / CHUNKS }) as Chunk)
  await writer.stop()
  return { first: chunks.slice(0, CHUNKS * SHARE), last: chunks.slice(-CHUNKS * SHARE), total }
}
