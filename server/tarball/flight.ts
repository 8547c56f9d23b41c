import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { PassThrough, pipeline, Readable } from 'node:stream'
import type { LimitsConfig } from '../config/types.ts'
import { messageOf, RegistryError } from '../errors.ts'
import { tolerant } from './byte-stream.ts'
import type { Integrity } from './integrity.ts'
import { IntegrityError } from './lie.ts'
import { createSpool } from './spool.ts'
import type { Stored, TarballStore } from './store.ts'
import { transfer, type Source } from './transfer.ts'

/** Marks our files in the directory for temporary files. */
export const SPOOL_SUFFIX = '.part'

/** What a source sent instead is kept as evidence up to this size (bytes). */
const EVIDENCE = 8 * 1024 * 1024

/** One content on its way from a source, shared by everybody who wants it. */
export interface Download {
  /**
   * Resolves when an answer can begin: the source's body has come far enough, or is verified. `size` in bytes for a
   * `content-length`, where known. Rejects with a `RegistryError` while it is not too late for a proper error response.
   */
  head(): Promise<{ size?: number }>
  /**
   * A new independent stream from byte 0. Destroying it leaves the download alone. When the download fails, it
   * is destroyed with the `RegistryError`, always short of the last bytes.
   */
  reader(): Readable
  /** The verified content, with its sha512; it is in the store by then. Rejections may be left unhandled. */
  readonly done: Promise<Stored>
  /** How many `fetch` calls share this download. */
  readonly joined: number
}

export interface Flight {
  download: Download
  /** Resolves when everything is cleaned up; never rejects. */
  finished: Promise<void>
  join(): void
  abort(reason: RegistryError): void
}

export interface FlightPlan {
  store: TarballStore
  tmpDir: string
  /** Resolves when `tmpDir` can be used. */
  prepared: Promise<void>
  limits: Pick<LimitsConfig, 'maxTarballSize' | 'bodyTimeout'>
  report: (error: Error) => void
  wanted: Integrity
  sources: readonly Source[]
  what: string
  /** Called when nobody may join any more; perhaps more than once. */
  ended: () => void
}

export function startFlight({ store, tmpDir, prepared, limits, report, wanted, sources, what, ended }: FlightPlan): Flight {
  const spool = createSpool(join(tmpDir, `${randomUUID()}${SPOOL_SUFFIX}`))
  const controller = new AbortController()
  const done = quiet(Promise.withResolvers<Stored>())
  let head = quiet(Promise.withResolvers<{ size?: number }>())
  /** The size of the source in use, once its body has come far enough. */
  let announced: { size?: number } | undefined
  let asked = false
  let failure: RegistryError | undefined
  let joined = 0
  let origin: 'store' | 'spool' | undefined
  const located = store.find(wanted.text).then((found) => {
    origin = found ? 'store' : 'spool'
    return found
  })

  function announce(size: number | undefined) {
    if (announced) return
    announced = { size }
    head.resolve(announced)
  }

  async function run() {
    const found = await located
    if (found) {
      announce(found.size)
      return found
    }
    await prepared
    const stored = await fromSources()
    // The bytes are verified: nobody waits for the store, and its failure is the operator's concern, not the reader's.
    spool.end()
    announce(stored.size)
    const aliases = wanted.text === stored.integrity ? [] : [wanted.text]
    await store.put(() => spool.follow(), stored, aliases).catch((cause) => {
      report(new Error(`${wanted.text} was delivered but could not be stored: ${messageOf(cause)}`, { cause }))
    })
    return stored
  }

  /**
   * One source after the other, until one delivers bytes that match. What anybody was told of a body binds the sources after
   * it: the size, which may stand in a response's head already, and the bytes that readers have, which cannot be taken back.
   * A source with another size is given up. One that begins with the same bytes goes on where the last one ended. One that
   * begins with others is for the store alone: two sources' bytes are never mixed in one answer, so the readers are cut off.
   * `FIRST_RELEASE` sees to it that of most contents nobody is told anything before all of it is verified.
   */
  async function fromSources(): Promise<Stored> {
    const errors: RegistryError[] = []
    for (const source of sources) {
      if (announced && !asked) {
        announced = undefined
        head = quiet(Promise.withResolvers())
      }
      try {
        if (spool.written > 0) await spool.rewind()
        const promised = failure ? undefined : announced?.size
        return await transfer(source, {
          spool, what, wanted, limits, promised, signal: controller.signal, onHead: announce, onOther: cutOff,
        })
      } catch (thrown) {
        if (controller.signal.aborted || !(thrown instanceof RegistryError) || thrown.code === 'INTERNAL') throw thrown
        errors.push(thrown)
        source.failed?.(thrown, thrown instanceof IntegrityError ? await evidence() : undefined)
      }
    }
    throw answerOf(errors, what)
  }

  function evidence(): Promise<Buffer | undefined> {
    return spool.contents(EVIDENCE).catch((cause: unknown) => {
      report(new Error(`What was sent instead of ${wanted.text} could not be read again: ${messageOf(cause)}`, { cause }))
      return undefined
    })
  }

  /** Whoever has begun to read gets nothing more; whoever comes now begins anew, with the sources that are left. */
  async function cutOff(from: string, position: number) {
    failure = new RegistryError(
      'UPSTREAM_UNAVAILABLE',
      `${what} was broken off: an earlier source failed, and ${from} sent other bytes than were delivered by then; ask again.`,
    )
    head.reject(failure)
    ended()
    await spool.abandon(failure, position)
  }

  function fail(error: unknown) {
    const reason = error instanceof RegistryError
      ? error
      : new RegistryError('INTERNAL', `This server could not fetch ${what}: ${messageOf(error)}.`, { cause: error })
    failure ??= reason
    spool.fail(reason)
    head.reject(reason)
    done.reject(reason)
  }

  // `ended` first: whoever hears of the end and asks again finds the store, or starts anew.
  const finished = run().finally(ended).then(done.resolve, fail).then(() => spool.close()).catch(report)

  function reader(): Readable {
    if (failure) return tolerant(new Readable({ read() {} })).destroy(failure)
    const following = origin === 'spool' ? spool.follow() : undefined
    return following ?? tolerant(Readable.from(fromStore(store, wanted, what), { objectMode: false }))
  }

  const download: Download = {
    head() {
      asked = true
      return head.promise
    },
    reader() {
      if (origin ?? failure) return reader()
      const later = tolerant(new PassThrough())
      const connect = () => {
        // The callback has nothing to add: the pipeline destroys `later` with the error.
        if (!later.destroyed) pipeline(reader(), later, () => {})
      }
      located.catch(() => done.promise).then(connect, (error: RegistryError) => later.destroy(error))
      return later
    },
    done: done.promise,
    get joined() {
      return joined
    },
  }
  return {
    download,
    finished,
    join() {
      joined += 1
    },
    abort: reason => controller.abort(reason),
  }
}

/** For readers that come after the end. */
async function* fromStore(store: TarballStore, wanted: Integrity, what: string) {
  const content = await store.open(wanted.text)
  if (!content) throw new RegistryError('UPSTREAM_UNAVAILABLE', `${what} is no longer stored on this server; ask again.`)
  yield* content
}

/** Which of several errors is the answer. */
const WEIGHTIEST = [
  // It may have the bytes later.
  'UPSTREAM_UNAVAILABLE',
  // Somebody lied: more than that others have nothing.
  'INTEGRITY',
  'CONFLICT',
  // Only the authority can say that.
  'NOT_FOUND',
] as const

function answerOf(errors: RegistryError[], what: string): RegistryError {
  const error = WEIGHTIEST.map(weighty => errors.find(({ code }) => code === weighty)).find(Boolean) ?? errors[0]
  return error ?? new RegistryError('UPSTREAM_UNAVAILABLE', `No source is configured that could deliver ${what}.`)
}

/** A rejection that nobody waits for is no reason to end the process: readers and `failed` are told as well. */
function quiet<T extends { promise: Promise<unknown> }>(resolvers: T): T {
  resolvers.promise.catch(() => {})
  return resolvers
}
