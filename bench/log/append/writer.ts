/**
 * Appends to logs through the real path, in a process of its own: `startModule` it, and send one command after the other.
 * Records are made before the clock starts.
 */
import { mkdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openLoop } from '../../common/open-loop.ts'
import { openDatabaseIn, openLogIn, settingsOf } from '../../common/data-directory.ts'
import { packagesOf, takePackages } from '../records.ts'
import type { Chunk, Command, Paced } from './commands.ts'
import { serveCommands } from '../serve-commands.ts'

/** Callers of the log at a time, each with a package. */
const CALLERS = 64
/** Resolution of the event loop's delay (ms), which what Node.js measures contains. */
const RESOLUTION = 1

let opened: Awaited<ReturnType<typeof open>> | undefined

async function open(dataDir: string, world: string) {
  mkdirSync(dataDir, { recursive: true })
  const database = await openDatabaseIn(dataDir)
  return { database, log: await openLogIn(dataDir, database), packages: packagesOf(world) }
}

function current() {
  if (!opened) throw new Error('no log is open')
  return opened
}

async function close(): Promise<void> {
  await opened?.log.close()
  await opened?.database.close()
  opened = undefined
}

async function append(count: number): Promise<Chunk> {
  const { log, packages } = current()
  const waiting = takePackages(packages, count)
  const before = (await log.head()).size
  const cpu = process.cpuUsage()
  const started = performance.now()
  await Promise.all(Array.from({ length: CALLERS }, async () => {
    for (let drafts = waiting.pop(); drafts; drafts = waiting.pop()) await log.record(drafts)
  }))
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { records: (await log.head()).size - before, seconds, cpuSeconds: (user + system) / 1e6 }
}

async function appendAtPace(rate: number, seconds: number): Promise<Paced> {
  const { log, packages } = current()
  const waiting = takePackages(packages, rate * seconds)
  const before = (await log.head()).size
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION })
  const started = performance.now()
  delays.enable()
  const latencies = await openLoop(waiting.length, waiting.length / seconds, n => log.record(waiting[n]!))
  delays.disable()
  const milliseconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION)
  const records = (await log.head()).size - before
  return {
    records, rate: records / ((performance.now() - started) / 1000), latencies,
    loopDelay: {
      p50: milliseconds(delays.percentile(50)), p99: milliseconds(delays.percentile(99)), max: milliseconds(delays.max),
    },
  }
}

serveCommands(async (command: Command) => {
  switch (command.do) {
    case 'open':
      await close()
      opened = await open(command.dataDir, command.world)
      return settingsOf(opened.database)
    case 'append': return append(command.count)
    case 'append at pace': return appendAtPace(command.rate, command.seconds)
    case 'settings': return settingsOf(current().database)
    case 'close': return close()
  }
})
