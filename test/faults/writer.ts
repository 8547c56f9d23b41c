import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../server/database/index.ts'
import { openLog } from '../../server/log/index.ts'
import { formatRecord, type RecordDraft } from '../../shared/record/index.ts'

/**
 * A process that appends to a log as fast as it can, until it is killed or asked to end. Standard output is a file: each line is
 * one write, so a kill leaves whole lines.
 *
 *     ack <index> <SHA-256 of the record's text, hex>    an answer that a caller got
 *     see <checkpoint as JSON>                            a checkpoint that was public
 *     refused <sentence>                                  an answer that says to come again
 *     trouble <what> <error>                              what the log told its observer
 *
 * Arguments: the data directory, a seed, and the number of concurrent callers. It begins when it is told to, so that the time a
 * process takes to load its code can be spent otherwise.
 */
const [dataDir, seed, callers] = process.argv.slice(2) as [string, string, string]
process.send!('loaded')
await once(process, 'message')

/** Small spaces, so that two writers and the rounds of one meet the same subjects. */
const NAMES = 60
const VERSIONS = 1_500
const LARGEST_PACKAGE = 300

const random = createRandom(Number(seed))
const below = (limit: number) => Math.floor(random() * limit)
const say = (line: string) => writeSync(1, `${line}\n`)

let isEnding = false
let seen = ''

const database = await openDatabase(pathToFileURL(join(dataDir, 'registry.db')).href)
const log = await openLog({
  database, dataDir, namespace: 'npm.example',
  observer: {
    committed() {},
    trouble: (what, error) => say(`trouble ${what} ${oneLine(error)}`),
  },
})
const { state, reason } = log.status()
if (state !== 'ok') throw new Error(`The log is ${state}: ${reason}`)

process.once('SIGTERM', () => {
  isEnding = true
})
process.send!('ready')
await Promise.all([watch(), ...Array.from({ length: Number(callers) }, append)])
await log.close()
await database.close()
process.disconnect()

async function append() {
  while (!isEnding) {
    try {
      for (const { index, record } of await log.record(drafts())) {
        say(`ack ${index} ${createHash('sha256').update(formatRecord(record)).digest('hex')}`)
      }
      await look()
    } catch (error) {
      say(`refused ${oneLine(error)}`)
      await sleep(20)
    }
  }
}

/** As clients do that only read. */
async function watch() {
  while (!isEnding) {
    await look()
    await sleep(3)
  }
}

async function look() {
  const { checkpoint } = await log.head()
  if (checkpoint === seen) return
  seen = checkpoint
  say(`see ${JSON.stringify(checkpoint)}`)
}

/** A single version, a package, some that repeat, or disagreement. */
function drafts(): RecordDraft[] {
  const name = `p${below(NAMES)}`
  const kind = random()
  if (kind < 0.75) return [version(name, below(VERSIONS))]
  if (kind < 0.79) {
    const first = below(VERSIONS)
    return Array.from({ length: 1 + below(LARGEST_PACKAGE) }, (_, n) => version(name, first + n))
  }
  if (kind < 0.9) return Array.from({ length: 5 }, () => version('repeated', below(20)))
  const { subject, integrity } = version(name, below(50))
  return [version(name, below(50)), { kind: 'conflict', subject, integrity, other: digest('sha512', random()), source: `m${below(3)}` }]
}

function version(name: string, n: number): Extract<RecordDraft, { kind: 'version' }> {
  return {
    kind: 'version', subject: { name, version: `1.${n % 7}.${n}` }, evidence: 'claimed',
    // Whoever repeats a subject disagrees about it: the first digest must stand.
    integrity: digest('sha512', random()), manifest: digest('sha256', n),
  }
}

function digest(algorithm: string, of: number): string {
  return `${algorithm}-${createHash(algorithm).update(String(of)).digest('base64')}`
}

function oneLine(error: unknown): string {
  return String(error).replaceAll('\n', ' ')
}

/** Mulberry32: the same load for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
