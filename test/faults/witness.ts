import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openDatabase } from '../../server/database/index.ts'
import { fsck } from '../../server/log/fsck.ts'
import { openLog, type Log, type SignedHead } from '../../server/log/index.ts'
import { verifyEd25519 } from '../../server/log/signer.ts'
import { checkConsistency, createVerifier, openCheckpoint, proveConsistency } from '../../shared/tlog/index.ts'
import { letGo, type Told } from './harness.ts'

/** Remembers everything that a log ever told anybody, and holds it against what the log is now. */
interface Witness {
  hear(told: Pick<Told, 'acks' | 'checkpoints'>): void
  /**
   * Opens the log, as a restart does, and checks everything.
   * @throws Error with every contradiction, and for a log that does not open for writing
   */
  check(): Promise<void>
  /** What was checked until now. */
  figures(): { records: number, acks: number, checkpoints: number, opened: number }
}

const BATCH = 10_000

export function createWitness(dataDir: string): Witness {
  const acked = new Map<number, string>()
  const seen = new Set<string>()
  const unchecked = new Set<string>()
  const contradictions: string[] = []
  let acks = 0
  let opened = 0
  let records = 0
  let last: SignedHead | undefined

  async function checkRecords(log: Log, size: number) {
    const subjects = new Map<string, number>()
    for (let from = 0; from < size; from += BATCH) {
      const texts = await log.texts(from, Math.min(from + BATCH, size))
      texts.forEach((text, n) => {
        const index = from + n
        const known = acked.get(index)
        const hash = createHash('sha256').update(text).digest('hex')
        if (known !== undefined && known !== hash) contradictions.push(`Record ${index} is not the one that was acknowledged.`)
        const subject = text.slice(0, text.indexOf('\n'))
        if (!subject.startsWith('version ')) return
        const first = subjects.get(subject)
        if (first !== undefined) contradictions.push(`${subject} is recorded at ${first} and ${index}.`)
        subjects.set(subject, index)
      })
      if (texts.length !== Math.min(BATCH, size - from)) contradictions.push(`Of the records from ${from} on there are only ${texts.length}.`)
    }
    for (const index of acked.keys()) {
      if (index >= size) contradictions.push(`Record ${index} was acknowledged, but the log has ${size} records.`)
    }
  }

  async function checkCheckpoints(log: Log, now: SignedHead) {
    const verifier = createVerifier(log.vkey, verifyEd25519)
    // Those of earlier checks are in the tree of the last one.
    for (const note of [...unchecked, ...(last ? [last.checkpoint] : [])]) {
      const { size, root } = openCheckpoint(note, verifier)
      if (size > now.size) {
        contradictions.push(`A checkpoint of ${size} was public, but the log has ${now.size} records.`)
        continue
      }
      const hashes = await proveConsistency(size, now.size, log.hashes(now.size))
      checkConsistency({ oldSize: size, oldRoot: root, newSize: now.size, newRoot: now.root, hashes })
    }
    unchecked.clear()
  }

  return {
    hear(told) {
      for (const { index, hash } of told.acks) {
        acks++
        const known = acked.get(index)
        if (known !== undefined && known !== hash) contradictions.push(`Two different records were acknowledged at ${index}.`)
        acked.set(index, hash)
      }
      for (const checkpoint of told.checkpoints) {
        if (seen.has(checkpoint)) continue
        seen.add(checkpoint)
        unchecked.add(checkpoint)
      }
    },
    async check() {
      const database = await openDatabase(pathToFileURL(join(dataDir, 'registry.db')).href)
      try {
        const log = await openLog({ database, dataDir, namespace: 'npm.example', observer: { committed() {}, trouble() {} } })
        opened++
        const { state, reason } = log.status()
        if (state !== 'ok') throw new Error(`The log opens ${state}: ${reason}`)
        const head = await log.head()
        await checkRecords(log, head.size)
        await checkCheckpoints(log, head)
        const report = await fsck(database)
        contradictions.push(...report.problems)
        if (report.records !== head.size) contradictions.push(`fsck finds ${report.records} records, the checkpoint says ${head.size}.`)
        records = head.size
        last = head
        await log.close()
      } finally {
        await database.close()
        await letGo(dataDir)
      }
      if (contradictions.length > 0) throw new Error(contradictions.slice(0, 20).join('\n'))
    },
    figures: () => ({ records, acks, checkpoints: seen.size, opened }),
  }
}
