import { createLogClient, ReadError, type HeadStore, type LogClient, type LogClientOptions, type Read } from '../../../shared/sumdb/index.ts'
import { createVerifier, verifyEd25519 } from '../../../shared/tlog/index.ts'
import { createTestSumdb, type TestSumdb } from '../sumdb/ask.ts'
import { versionDraft } from '../sumdb/memory-log.ts'

/** What to answer instead; a number is a status without a body. */
export type Tamper = (path: string, honest: () => Promise<Uint8Array>) => Promise<Uint8Array | string | number | undefined>

/** The real surface over a log in memory, and somebody in between. Every log here has the same key. */
export interface TestLog {
  sumdb: TestSumdb
  read: Read
  /** Paths, in the order they were asked for. */
  asked: string[]
  tamper(how: Tamper | undefined): void
  /** So many versions of a package more, in one checkpoint. */
  grow(count: number, name?: string): void
  client(options?: Partial<LogClientOptions>): LogClient
}

export function createTestLog(size = 0, name = 'fx'): TestLog {
  const sumdb = createTestSumdb()
  const asked: string[] = []
  let lie: Tamper | undefined
  let versions = 0

  async function honest(path: string): Promise<Uint8Array> {
    const { status, body, text } = await sumdb.ask(`/${path}`)
    if (status === 200) return body
    const { error, code } = JSON.parse(text) as { error: string, code: string }
    throw new ReadError(error, { status, code })
  }

  const log: TestLog = {
    sumdb,
    asked,
    async read(path) {
      asked.push(path)
      const answer = await lie?.(path, () => honest(path))
      if (typeof answer === 'number') throw new ReadError(`It answers ${answer}.`, { status: answer })
      return typeof answer === 'string' ? Buffer.from(answer) : answer ?? honest(path)
    },
    tamper(how) {
      lie = how
    },
    grow(count, of = name) {
      sumdb.log.append(...Array.from({ length: count }, () => versionDraft(of, `1.0.${versions++}`)))
    },
    client: options => createLogClient({ read: log.read, verifier: createVerifier(sumdb.log.vkey, verifyEd25519), ...options }),
  }
  if (size > 0) log.grow(size)
  return log
}

/** Remembers a head as a file would. */
export function createHeads(note?: string): HeadStore & { note: string | undefined } {
  const heads = {
    note,
    read: async () => heads.note,
    async replace(expected: string | undefined, next: string) {
      if (heads.note !== expected) return false
      heads.note = next
      return true
    },
  }
  return heads
}

/** All entries of a log, as a client reads them. */
export async function textsOf(client: LogClient, from: number, to: number): Promise<string[]> {
  const texts: string[] = []
  for await (const { entries } of client.entries(from, to)) texts.push(...entries.map(entry => new TextDecoder().decode(entry)))
  return texts
}

/** The same bytes but for one bit. */
export function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes)
  copy[at]! ^= 1
  return copy
}
