import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { finding, type Finding, type InspectionLimits } from './types.ts'

/** What is in a tarball, as far as it is compared. */
export interface Archive {
  /** The package.json that a client would have on its disk in the end. */
  manifest?: Buffer
  /** Whether there is a `*.gyp` beside it. */
  hasGyp: boolean
  /** What no client's packing leaves behind. */
  oddities: Finding[]
}

/** The tarball cannot be read, or not within the limits. Its message is for people. */
export class UnreadableArchive extends Error {}

const GZIP = Buffer.from([0x1f, 0x8b])
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
const MANIFEST = 'package.json'

/** Whether a file has this sha512; not if it is not there. */
export async function hasDigest(path: string, integrity: string): Promise<boolean> {
  const hash = createHash('sha512')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  return `sha512-${hash.digest('base64')}` === integrity
}

/**
 * Reads a tarball from its beginning to its end, as npm does: the top folder may have any name, the last file wins, links are
 * left out. Nothing is believed: neither gzip's own size nor the entries' count.
 * @throws UnreadableArchive, or what the disk throws
 */
export async function readArchive(path: string, limits: InspectionLimits): Promise<Archive> {
  const { size } = await stat(path)
  const most = Math.min(limits.unpacked, size * limits.ratio)
  const survey = createSurvey(limits)
  const { parser } = survey
  let unpacked = 0
  const consume = async (chunks: AsyncIterable<Buffer>) => {
    let isFirst = true
    for await (const chunk of chunks) {
      unpacked += chunk.length
      if (unpacked > most) throw new UnreadableArchive(`it unpacks to more than ${most} bytes, from ${size}`)
      // The library would unpack what is packed twice; no client does.
      if (isFirst && isPacked(chunk)) throw new UnreadableArchive('it is packed twice')
      isFirst = false
      // Behind its end the parser would only pile up what comes.
      if (!survey.ended) parser.write(chunk)
      if (survey.problem) throw survey.problem
    }
    parser.end()
  }
  try {
    const head = await headOf(path)
    if (head.subarray(0, ZSTD.length).equals(ZSTD)) throw new UnreadableArchive('it is not packed with gzip')
    if (head.subarray(0, GZIP.length).equals(GZIP)) await pipeline(createReadStream(path), createGunzip(), consume)
    else await pipeline(createReadStream(path), consume)
  } catch (error) {
    throw survey.problem ?? (isOfTheDisk(error) ? error : unreadable(error))
  }
  if (survey.problem) throw survey.problem
  return survey.result()
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(ZSTD.length))
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function isPacked(chunk: Buffer): boolean {
  return chunk.subarray(0, GZIP.length).equals(GZIP) || chunk.subarray(0, ZSTD.length).equals(ZSTD)
}

function isOfTheDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

function unreadable(error: unknown): UnreadableArchive {
  return error instanceof UnreadableArchive
    ? error
    : new UnreadableArchive(`it is no whole archive (${error instanceof Error ? error.message : String(error)})`)
}

/** Looks at the entries of an archive as they come. */
function createSurvey(limits: InspectionLimits) {
  const manifests: Buffer[] = []
  const oddities = createOddities()
  let entries = 0
  let hasGyp = false
  let sawGap = false
  let ended = false
  let problem: UnreadableArchive | undefined
  const stop = (why: string) => {
    problem ??= new UnreadableArchive(why)
  }
  const count = () => {
    if (++entries > limits.entries) stop(`it has more than ${limits.entries} entries`)
  }

  function onReadEntry(entry: ReadEntry) {
    count()
    if (entry.size > limits.entry) stop(`a file in it has more than ${limits.entry} bytes`)
    const { path, type } = entry
    const isFile = type === 'File' || type === 'OldFile' || type === 'ContiguousFile'
    const place = placeOf(path)
    if (type === 'Link' || type === 'SymbolicLink') oddities.add('links', place === MANIFEST ? 'high' : 'info', path)
    else if (place === undefined) oddities.add('paths', 'medium', path)
    else if (place === MANIFEST && !isFile) oddities.add('types', 'high', path)
    else if (place !== MANIFEST && looksLikeManifest(path)) oddities.add('lookalikes', 'medium', path)

    // Some clients stop at the first empty block, some at the second.
    if (sawGap) oddities.add('gaps', 'medium', path)
    if (isFile && place !== undefined && /^[^/]+\.gyp$/.test(place)) hasGyp = true
    if (!isFile || place !== MANIFEST) return void entry.resume()
    if (entry.size > limits.manifest) {
      stop(`its package.json has more than ${limits.manifest} bytes`)
      return void entry.resume()
    }
    const chunks: Buffer[] = []
    entry.on('data', chunk => chunks.push(Buffer.from(chunk)))
    entry.on('end', () => {
      const manifest = Buffer.concat(chunks)
      const last = manifests.at(-1)
      if (last) oddities.add('duplicates', last.equals(manifest) ? 'info' : 'high', path)
      // Only the last one is on the disk in the end.
      manifests.splice(0, 1, manifest)
    })
  }

  const parser = new Parser({
    zstd: false,
    onReadEntry,
    onwarn(code, message) {
      if (code === 'TAR_ENTRY_INVALID') oddities.add('entries', 'medium', String(message))
      else if (code !== 'TAR_ENTRY_INFO') stop(`it is no whole archive (${String(message)})`)
    },
  })
  // Long names and attributes are entries too.
  parser.on('meta', count)
  parser.on('ignoredEntry', count)
  parser.on('nullBlock', () => {
    sawGap = true
  })
  parser.on('eof', () => {
    ended = true
  })
  parser.on('error', (error: Error) => stop(`it is no whole archive (${error.message})`))
  return {
    parser,
    get problem() {
      return problem
    },
    get ended() {
      return ended
    },
    result: (): Archive => ({ manifest: manifests[0], hasGyp, oddities: oddities.list() }),
  }
}

/** Counted, so that ten thousand of a kind are one finding: the worst of them. */
function createOddities() {
  const kinds = new Map<string, { severity: Finding['severity'], example: string, count: number }>()
  const rank = ['info', 'medium', 'high']
  return {
    add(kind: string, severity: Finding['severity'], example: string) {
      const known = kinds.get(kind)
      if (!known) kinds.set(kind, { severity, example, count: 1 })
      else {
        known.count++
        if (rank.indexOf(severity) > rank.indexOf(known.severity)) Object.assign(known, { severity, example })
      }
    },
    list: () => [...kinds].map(([kind, { severity, example, count }]) =>
      finding(`archive.${kind}`, severity, undefined, count > 1 ? `${example} and ${count - 1} more` : example)),
  }
}

/**
 * Where npm puts an entry, below the package's folder: `package/a//./b` lands at `a/b`, what has no folder lands nowhere.
 * Undefined: it tries to leave, and every client has its own idea of what to do then.
 */
function placeOf(path: string): string | undefined {
  const parts = path.split('/')
  if (parts[0] === '' || parts.includes('..') || path.includes('\0')) return undefined
  return parts.slice(1).filter(part => part !== '' && part !== '.').join('/')
}

/** Whether some client, or some file system, would take it for the package's own package.json. */
function looksLikeManifest(path: string): boolean {
  const parts = path.replaceAll('\\', '/').split('/').filter(part => part !== '' && part !== '.')
  return parts.length <= 2 && parts.at(-1)?.toLowerCase() === MANIFEST
}
