import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { onTestFinished } from 'vitest'
import { createDownloads } from '../../../server/tarball/download.ts'
import { createTarballStore, type TarballStoreOptions } from '../../../server/tarball/store.ts'
import type { Source } from '../../../server/tarball/transfer.ts'

export const MiB = 1024 * 1024

export function sri(data: Uint8Array, algorithm = 'sha512'): string {
  return `${algorithm}-${createHash(algorithm).update(data).digest('base64')}`
}

export async function temporaryDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'tarball-test-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

interface RoomOptions extends Partial<TarballStoreOptions> {
  maxTarballSize?: number
  bodyTimeout?: number
}

/** A store and its downloads in a fresh directory; `errors` and `corrupt` collect what they report. */
export async function createRoom({ maxTarballSize = 64 * MiB, bodyTimeout = 5_000, ...overrides }: RoomOptions = {}) {
  const dir = overrides.dir ?? await temporaryDirectory()
  const errors: Error[] = []
  const corrupt: string[] = []
  const onError = (error: Error) => void errors.push(error)
  const store = createTarballStore({
    maxBytes: 1024 * MiB, onError, onCorrupt: integrity => void corrupt.push(integrity), ...overrides, dir: join(dir, 'store'),
  })
  const tmpDir = join(dir, 'tmp')
  const downloads = createDownloads({ store, tmpDir, limits: { maxTarballSize, bodyTimeout }, onError })
  onTestFinished(async () => {
    await downloads.drain(1000)
    await store.close()
  })
  return { dir, tmpDir, store, downloads, errors, corrupt, spooled: () => readdir(tmpDir) }
}

/** A loopback upstream; `requests` counts, `closed` counts connections that ended before their answer did. */
export async function createUpstream(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const upstream = { url: '', requests: 0, closed: 0 }
  const server = createServer((incoming, response) => {
    upstream.requests += 1
    response.on('close', () => {
      if (!response.writableFinished) upstream.closed += 1
    })
    answer(response, incoming)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  upstream.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return upstream
}

/** A source that asks a loopback upstream, the way the server does. */
export function httpSource(url: string, failed?: Source['failed']): Source {
  return {
    name: 'upstream',
    failed,
    async open(signal) {
      const { headers, body } = await request(url, { signal })
      const length = headers['content-length']
      return { body, size: length === undefined ? undefined : Number(length) }
    },
  }
}

/** A source that yields these chunks, then does what `then` says. */
export function sourceOf(
  chunks: Iterable<Uint8Array>,
  { size, then, failed, name = 'source' }: { size?: number, then?: () => Promise<unknown>, failed?: Source['failed'], name?: string } = {},
): Source & { opened: number } {
  const source = {
    name,
    failed,
    opened: 0,
    async open() {
      source.opened += 1
      return { size, body: bodyOf(chunks, then) }
    },
  }
  return source
}

async function* bodyOf(chunks: Iterable<Uint8Array>, then?: () => Promise<unknown>) {
  yield* chunks
  await then?.()
}

/** Cuts data into chunks the size of a network read. */
export function* chunked(data: Uint8Array, size = 64 * 1024) {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
}

/** Random, but for the two bytes by which a tarball is known. */
export function bytes(length: number): Buffer {
  const data = randomBytes(length)
  Buffer.from([0x1f, 0x8b]).copy(data)
  return data
}

/** Reads to the end or the error, whichever comes; `pause` milliseconds between chunks. */
export async function drink(stream: Readable, { pause = 0 } = {}): Promise<{ data: Buffer, error?: Error }> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of stream) {
      chunks.push(chunk)
      if (pause > 0) await sleep(pause)
    }
    return { data: Buffer.concat(chunks) }
  } catch (error) {
    return { data: Buffer.concat(chunks), error: error as Error }
  }
}

/** Waits for something that has no event of its own. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error('It did not happen within five seconds.')
    await sleep(5)
  }
}
