import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { LimitsConfig } from '../config/types.ts'
import { messageOf, RegistryError } from '../errors.ts'
import { tolerant } from './byte-stream.ts'
import type { Integrity } from './integrity.ts'
import { IntegrityError, isGzip } from './lie.ts'
import type { Spool } from './spool.ts'
import type { Stored } from './store.ts'

/**
 * A body up to this size reaches nobody before it is verified, so that its failure is still a proper error response or
 * another source's turn. Most tarballs are smaller.
 */
const FIRST_RELEASE = 256 * 1024
/** Of a larger body, the last bytes wait for the verification: bytes that do not match are never complete. */
const HELD_BACK = 16 * 1024

/** Somebody who can deliver the bytes. */
export interface Source {
  /** For sentences: the registry's id. */
  name: string
  /**
   * Asks for the body. `size` is its length in bytes where the source says so (not of a compressed transfer).
   * A rejection with a `RegistryError` is reported as it is. The signal ends request and body alike.
   */
  open(signal: AbortSignal): Promise<{ body: AsyncIterable<Uint8Array>, size?: number }>
  /**
   * Told why this source was given up: an `IntegrityError` if it sent something else.
   * @param sent what that was, where it is not too large to be kept as evidence
   */
  failed?(error: RegistryError, sent?: Buffer): void
}

export interface Transfer {
  spool: Spool
  /** What is fetched, for sentences: `is-number@7.0.0`. */
  what: string
  wanted: Integrity
  limits: Pick<LimitsConfig, 'maxTarballSize' | 'bodyTimeout'>
  signal: AbortSignal
  /** The size that was already promised to somebody. */
  promised?: number
  /** Called before the first bytes are released. */
  onHead: (size: number | undefined) => void
  /** Called when this source sends other bytes than readers have of an earlier one: they must not get any of these. */
  onOther: (from: string, position: number) => Promise<void>
}

/**
 * Copies one source's body to the spool, hashing it; resolves once the digest is verified. The last bytes are then still
 * held back. What is in the spool already, because readers took it of an earlier source, is compared with this one's bytes.
 * Memory: one chunk.
 * @throws {RegistryError} `INTEGRITY`, as an `IntegrityError`, `UPSTREAM_TOO_LARGE`, `UPSTREAM_INVALID`, `UPSTREAM_UNAVAILABLE`,
 * or what `open` rejected with; `INTERNAL` when it is our disk that failed
 */
export async function transfer(source: Source, plan: Transfer): Promise<Stored> {
  const { what, limits, signal } = plan
  const attempt = new AbortController()
  const stop = () => attempt.abort(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  let silence: NodeJS.Timeout | undefined
  try {
    const opening = source.open(attempt.signal)
    const { body, size } = await abortable(opening, attempt.signal).catch((error: Error) => {
      // A body that comes after we have left would keep its connection.
      opening.then(late => leave(late.body, late.body[Symbol.asyncIterator]()), () => {})
      throw error
    })
    if (body instanceof Readable) tolerant(body)
    const chunks = body[Symbol.asyncIterator]()
    attempt.signal.addEventListener('abort', () => leave(body, chunks))
    silence = setTimeout(() => attempt.abort(new RegistryError(
      'UPSTREAM_UNAVAILABLE',
      `${source.name} sent nothing of ${what} for ${limits.bodyTimeout / 1000} seconds; try again later.`,
    )), limits.bodyTimeout)
    const next = async () => {
      const step = await abortable(chunks.next(), attempt.signal)
      silence?.refresh()
      return step.done ? undefined : step.value
    }
    return await copy(next, size, source.name, plan)
  } catch (error) {
    const reason = named(error, source.name, what)
    attempt.abort(reason)
    throw reason
  } finally {
    clearTimeout(silence)
    signal.removeEventListener('abort', stop)
  }
}

async function copy(
  next: () => Promise<Uint8Array | undefined>,
  size: number | undefined,
  from: string,
  { spool, what, wanted, limits, promised, onHead, onOther }: Transfer,
): Promise<Stored> {
  const declared = size !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : undefined
  let expected = promised ?? declared
  if (declared !== undefined && declared > limits.maxTarballSize) throw tooLarge(`${declared} bytes`)
  if (expected !== declared && declared !== undefined) throw otherSize(`announces ${declared} bytes`)

  const sha512 = createHash('sha512')
  const other = wanted.algorithm === 'sha512' ? undefined : createHash(wanted.algorithm)
  let received = 0
  let beginning = Buffer.alloc(0)

  /** Its bytes differ from what readers have: from here on, it is for the store alone. */
  async function differ() {
    await onOther(from, received)
    expected = declared
  }

  for (let chunk = await next(); chunk; chunk = await next()) {
    const length = received + chunk.length
    if (length > limits.maxTarballSize) throw tooLarge('more')
    if (expected !== undefined && length > expected) throw otherSize('sends more')
    sha512.update(chunk)
    other?.update(chunk)
    if (beginning.length < 2) beginning = Buffer.concat([beginning, chunk.subarray(0, 2)])
    const common = Math.min(chunk.length, spool.written - received)
    const isSame = common > 0 && await onDisk(spool.holds(received, chunk.subarray(0, common)))
    if (common > 0 && !isSame) await onDisk(differ())
    const fresh = isSame ? chunk.subarray(common) : chunk
    if (fresh.length > 0) await onDisk(spool.append(fresh))
    received = length
    if (length > FIRST_RELEASE) {
      onHead(declared)
      spool.release(length - HELD_BACK)
    }
  }
  if (expected !== undefined && received < expected) {
    throw new RegistryError(
      'UPSTREAM_UNAVAILABLE',
      `${from} broke off after ${received} of ${expected} bytes of ${what}; try again later.`,
    )
  }

  if (received < spool.written) await onDisk(differ())

  const strong = sha512.digest('base64')
  const digest = other?.digest('base64') ?? strong
  if (digest !== wanted.digest) {
    const sentence = `${from} sent other bytes for ${what} than its digest stands for: wanted ${wanted.text}, `
      + `got ${wanted.algorithm}-${digest} (${received} bytes)`
    if (!isGzip(beginning)) throw new RegistryError('UPSTREAM_INVALID', `${sentence}, and they are no tarball; try again later.`)
    throw new IntegrityError(`${sentence}; nobody was given them.`, `sha512-${strong}`, received)
  }
  return { size: received, integrity: `sha512-${strong}` }

  function onDisk<T>(work: Promise<T>): Promise<T> {
    return work.catch((cause: unknown) => {
      throw new RegistryError('INTERNAL', `This server could not write ${what} to its disk: ${messageOf(cause)}.`, { cause })
    })
  }

  function tooLarge(length: string) {
    return new RegistryError(
      'UPSTREAM_TOO_LARGE',
      `${what} is too large: ${from} sends ${length}, and this server allows ${limits.maxTarballSize} bytes.`,
    )
  }

  function otherSize(does: string) {
    return new RegistryError('UPSTREAM_INVALID', `${from} ${does} for ${what}, whose size was announced as ${expected} bytes.`)
  }
}

function named(error: unknown, from: string, what: string): RegistryError {
  if (error instanceof RegistryError) return error
  return new RegistryError(
    'UPSTREAM_UNAVAILABLE',
    `${from} broke off while sending ${what}: ${messageOf(error)}; try again later.`,
    { cause: error },
  )
}

/** The promise, or the signal's reason if that comes first. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** Ends a body that nobody will read to its end. Its own complaints about that are of no interest. */
function leave(body: AsyncIterable<Uint8Array>, chunks: AsyncIterator<Uint8Array>) {
  if (body instanceof Readable) tolerant(body).destroy()
  else chunks.return?.().catch(() => {})
}
