import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { scratch } from './children.ts'
import { busySentence } from './run.ts'
import { median, percentile } from './statistics.ts'

export interface Environment {
  node: string
  cpus: number
  model: string
  /** Load average of the machine before the run. */
  load: number
  /** Where the databases are. */
  fileSystem: string
  /** Milliseconds to write 4 kB there and wait for the disk. */
  fsync: { median: number, p99: number }
  quick: boolean
  /** What SQLite was set to. */
  settings?: Record<string, string>
  nginx?: string
}

export function environment(quick: boolean): Environment {
  return {
    node: process.version,
    cpus: availableParallelism(),
    model: cpus()[0]?.model ?? 'unknown',
    load: loadavg()[0] ?? NaN,
    fileSystem: fileSystemOf(scratch),
    fsync: measureFsync(),
    quick,
  }
}

/** What a reader must know to judge the figures. */
export function introductionOf({ node, cpus, model, load, fileSystem, fsync, quick, settings, nginx }: Environment): string {
  const pragmas = settings && Object.entries({ ...settings, synchronous: SYNCHRONOUS[settings.synchronous ?? ''] ?? settings.synchronous })
  return [
    `Node ${node}, ${cpus} CPUs (${model})${nginx ? `, nginx ${nginx}` : ''}.`,
    `Databases on ${fileSystem}: 4 kB written and synced in ${fsync.median.toFixed(2)} ms (p99 ${fsync.p99.toFixed(2)} ms).`,
    ...(pragmas ? [`libSQL, embedded, for both sides: ${pragmas.map(([name, value]) => `${name} ${value}`).join(', ')}.`] : []),
    ...(quick ? ['Quick: small logs and short rounds. The figures show that the bench works, not how fast we are.'] : []),
    ...busySentence(load),
  ].join('\n')
}

/** As SQLite numbers them. */
const SYNCHRONOUS: Record<string, string> = { 0: 'OFF', 1: 'NORMAL', 2: 'FULL', 3: 'EXTRA' }

/** Type and device of the file system that a folder is on; of several mounts the longest path counts. */
function fileSystemOf(folder: string): string {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').trim().split('\n').map(line => line.split(' '))
  const [found] = mounts.filter(([, path = '']) => folder.startsWith(path === '/' ? path : `${path}/`))
    .toSorted(([, a = ''], [, b = '']) => b.length - a.length)
  return found ? `${found[2]} (${found[0]})` : 'an unknown file system'
}

function measureFsync(): Environment['fsync'] {
  const file = join(scratch, 'fsync')
  const descriptor = openSync(file, 'w')
  const page = Buffer.alloc(4096, 1)
  const times: number[] = []
  while (times.length < 200) {
    const started = performance.now()
    writeSync(descriptor, page)
    fsyncSync(descriptor)
    times.push(performance.now() - started)
  }
  closeSync(descriptor)
  rmSync(file)
  return { median: median(times), p99: percentile(times, 0.99) }
}
