import { parseRecord, RecordError, type LogRecord } from '../shared/record/index.ts'
import { LogError, type Head, type LogClient } from '../shared/sumdb/index.ts'
import { emptyEdge, encodeBase64, equalHashes, grow, rootOfEdge } from '../shared/tlog/index.ts'
import { createSeen } from './seen.ts'

/** Reads every record of a log once, and holds it against the rules that all records together must keep. */
export interface Monitor {
  /**
   * Goes on up to a tree, which must be the one that the client saw last.
   *
   * @param progress is told how many records of the tree are done
   * @throws LogError `BROKEN_RULE` with proofs of the records that break it, and those of the client; ReadError
   */
  advance(head: Head, progress: (done: number) => void): Promise<void>
  /** Index of the first record that was read. */
  readonly from: number
  /** Index of the next one. */
  readonly next: number
  /** Version records among those that were read. */
  readonly versions: number
  /** Of the last record. */
  readonly recorded: string | undefined
}

interface Parsed {
  kind: LogRecord['kind']
  recorded: string
  /** Of a version: as the record's first line has it, in the one spelling that it can have. */
  purl: string
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @param from index to begin at; from 0 on, the root is also computed from the records alone */
export function createMonitor(client: LogClient, from: number): Monitor {
  const seen = createSeen()
  let next = from
  let edge = from === 0 ? emptyEdge() : undefined
  let recorded: string | undefined
  let versions = 0

  async function entryAt(index: number): Promise<Uint8Array> {
    for await (const { entries } of client.entries(index, index + 1)) return entries[0]!
    throw new RangeError(`There is no entry ${index}.`)
  }

  /** The rule, and the records that break it with their proofs. */
  async function broken(message: string, head: Head, ...indexes: number[]): Promise<LogError> {
    const entries = await Promise.all(indexes.map(async index => ({
      entry: encodeBase64(await entryAt(index)), proof: await client.prove(index),
    })))
    return new LogError('BROKEN_RULE', message, { evidence: { checkpoints: [head.note], entries } })
  }

  async function parse(entry: Uint8Array, index: number, head: Head): Promise<Parsed> {
    try {
      const text = decoder.decode(entry)
      const { kind, recorded } = parseRecord(text)
      return { kind, recorded, purl: text.slice(text.indexOf(' ') + 1, text.indexOf('\n')) }
    } catch (error) {
      const reason = error instanceof RecordError ? error.message : 'It is not UTF-8 text.'
      throw await broken(`Entry ${index} of the log is not a record: ${reason}`, head, index)
    }
  }

  async function check({ kind, purl, recorded: time }: Parsed, index: number, head: Head): Promise<void> {
    if (recorded !== undefined && time < recorded) {
      throw await broken(`Entry ${index} says that it was recorded ${time}, before the one above it: ${recorded}.`, head, index - 1, index)
    }
    recorded = time
    if (kind !== 'version') return
    for (const earlier of seen.find(purl)) {
      const other = await parse(await entryAt(earlier), earlier, head)
      if (other.purl === purl) {
        throw await broken(`The log has ${purl} twice, as entries ${earlier} and ${index}.`, head, earlier, index)
      }
    }
    seen.add(purl, index)
    versions++
  }

  return {
    from,
    get next() {
      return next
    },
    get versions() {
      return versions
    },
    get recorded() {
      return recorded
    },
    async advance(head, progress) {
      if (recorded === undefined && next > 0) {
        recorded = (await parse(await entryAt(next - 1), next - 1, head)).recorded
      }
      for await (const { from: first, entries, leaves } of client.entries(next, head.size)) {
        try {
          for (const entry of entries) {
            await check(await parse(entry, next, head), next, head)
            next++
          }
        } finally {
          // Also if an answer was missing meanwhile: then it goes on with the record after the last one checked.
          if (edge) ({ edge } = grow(edge, leaves.slice(0, next - first)))
        }
        progress(next)
      }
      const root = edge && rootOfEdge(edge)
      if (root && !equalHashes(root, head.root)) {
        throw new LogError('BAD_TILE', `All ${head.size} records have the root ${encodeBase64(root)}, not the signed ${encodeBase64(head.root)}.`, {
          evidence: { checkpoints: [head.note] },
        })
      }
    },
  }
}
