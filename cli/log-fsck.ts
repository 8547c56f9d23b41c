/**
 *     npm run log:fsck
 *
 * Checks the whole log in the database that the server of this folder uses: NUXT_DATA_DIR and NUXT_DATABASE_URL say which.
 * Exit code 0: all of it is as its records say; 1: something differs; 2: it could not be checked.
 */
import { existsSync } from 'node:fs'
import process from 'node:process'
import { ConfigError } from '../server/config/index.ts'
import { readEnvironment } from '../server/config/environment.ts'
import { openDatabase } from '../server/database/index.ts'
import { messageOf } from '../server/errors.ts'
import { fsck, type FsckReport } from '../server/log/fsck.ts'
import { encodeBase64 } from '../shared/tlog/index.ts'
import { createProgress } from './progress.ts'

try {
  const report = await check()
  process.stdout.write(`${summary(report)}\n`)
  process.exitCode = report.problems.length === 0 ? 0 : 1
} catch (error) {
  process.stderr.write(`✖ ${error instanceof ConfigError ? error.problems.join('\n✖ ') : messageOf(error)}\n`)
  process.exitCode = 2
}

async function check(): Promise<FsckReport> {
  const problems: string[] = []
  const { databaseUrl } = await readEnvironment(process.env, process.cwd(), problems)
  if (problems.length > 0) throw new ConfigError(problems)
  if (databaseUrl.startsWith('file:') && !existsSync(new URL(databaseUrl))) {
    throw new Error(`There is no database ${databaseUrl}. Start the server once, or say where it is with NUXT_DATA_DIR.`)
  }
  const progress = createProgress('Checking records')
  const database = await openDatabase(databaseUrl)
  try {
    return await fsck(database, { onProgress: progress.update })
  } finally {
    progress.end()
    await database.close()
  }
}

function summary({ records, root, checkpoints, tiles, problems }: FsckReport): string {
  const counts = [[records, 'records'], [tiles, 'full tiles'], [checkpoints, 'checkpoints']] as const
  const checked = counts.map(([count, what]) => `${count.toLocaleString('en')} ${what}`).join(', ')
  if (problems.length === 0) return `✔ ${checked}: all as the records say.\n  root ${encodeBase64(root)}`
  return [...problems.map(problem => `✖ ${problem}`), '', `${problems.length} differences after ${checked}. Restore the database from its newest copy; do not edit it.`].join('\n')
}
