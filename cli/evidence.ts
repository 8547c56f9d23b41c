import { dirname, join } from 'node:path'
import type { LogError } from '../shared/sumdb/index.ts'
import { parseVkey } from '../shared/tlog/index.ts'
import type { Connection } from './connect.ts'
import { writeJson } from './state-file.ts'

/**
 * Writes down what proves a fault, beside the state file.
 *
 * @returns its path; undefined if there is nothing to show
 * @throws StateError
 */
export async function writeEvidence(error: LogError, { url, vkey, state }: Connection): Promise<string | undefined> {
  if (!error.evidence) return undefined
  const time = new Date().toISOString()
  const origin = parseVkey(vkey).name.replaceAll(/[^\w.-]/g, '_')
  const path = join(dirname(state.path), `evidence-${origin}-${time.replaceAll(/[:.]/g, '-')}.json`)
  await writeJson(path, { code: error.code, message: error.message, time, url, vkey, ...error.evidence })
  return path
}
