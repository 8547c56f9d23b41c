import { join } from 'node:path'
import { scratch } from '../common/children.ts'
import { startWriter } from './append/measure.ts'
import { packagesOf, takePackages } from './records.ts'

/** A data directory with a log, and what is in it. */
export interface Seeded {
  dataDir: string
  /** `name@version` of every record. */
  subjects: string[]
}

export async function seedLog(count: number): Promise<Seeded> {
  const dataDir = join(scratch, 'seeded')
  const writer = await startWriter('ours')
  await writer.tell({ do: 'open', dataDir, world: 'seed' })
  await writer.tell({ do: 'append', count })
  await writer.tell({ do: 'close' })
  await writer.stop()
  const subjects = takePackages(packagesOf('seed'), count).flat().map(({ subject: { name, version } }) => `${name}@${version}`)
  return { dataDir, subjects }
}
