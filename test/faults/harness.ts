import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { onTestFinished } from 'vitest'

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))
const CALLERS = 8

/** What a process was told by the log, and told others. */
export interface Told {
  acks: { index: number, hash: string }[]
  checkpoints: string[]
  refusals: string[]
  troubles: string[]
}

/** A process that is loaded and waits for the word. */
interface LoadedWriter {
  /** Resolves when it has opened the log. */
  start(): Promise<Writer>
  /** Does not wait for that; kills it after so many milliseconds. */
  startAndKill(after: number): Promise<Told>
}

/** A process that appends to a log. */
interface Writer {
  /** Resolves when it was told of at least so many records: a stalled disk must not make the test an empty one. */
  untilTold(acks: number): Promise<void>
  kill(): Promise<Told>
  /** Asks it to end; it answers everybody before. */
  end(): Promise<Told>
}

/** A folder of its own, gone after the test. */
export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'log-faults-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** @param output file for what it is told */
export async function loadWriter(dataDir: string, output: string, seed: number): Promise<LoadedWriter> {
  const out = openSync(output, 'w')
  const child = spawn(process.execPath, [WRITER, dataDir, String(seed), String(CALLERS)], { stdio: ['ignore', out, 'pipe', 'ipc'] })
  closeSync(out)
  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => stderr += chunk)
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  onTestFinished(() => void child.kill('SIGKILL'))
  const next = async (message: string) => {
    const sent = await Promise.race([once(child, 'message').then(([sent]) => sent as string), exited])
    if (sent !== message) throw new Error(`A writer ended before it was ${message}:\n${stderr}\n${readFileSync(output, 'utf8')}`)
  }
  await next('loaded')

  const endBy = (signal: 'SIGKILL' | 'SIGTERM') => async () => {
    // It must have been at work until now.
    if (child.exitCode !== null) throw new Error(`A writer ended with ${child.exitCode}:\n${stderr}`)
    child.kill(signal)
    const [code] = await exited
    if (signal === 'SIGTERM' && code !== 0) throw new Error(`A writer ended with ${code}:\n${stderr}`)
    return read(output)
  }
  return {
    async start() {
      const ready = next('ready')
      child.send('start')
      await ready
      const untilTold = async (acks: number) => {
        while (child.exitCode === null && readFileSync(output, 'utf8').split('\nack ').length <= acks) await sleep(20)
      }
      return { untilTold, kill: endBy('SIGKILL'), end: endBy('SIGTERM') }
    },
    async startAndKill(after) {
      child.send('start')
      await sleep(after)
      return endBy('SIGKILL')()
    },
  }
}

/**
 * Waits until this process has no file of a folder open: the driver lets go of a closed database when the garbage collector finds
 * its statements, and until then nobody else's start is a first one.
 */
export async function letGo(dir: string): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  for (let tries = 0; tries < 100; tries++) {
    collectGarbage()
    await sleep(5)
    if (!existsSync('/proc/self/fd') || !openFiles().some(file => file.startsWith(dir))) return
  }
  throw new Error(`Files of ${dir} stay open`)
}

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return '' // The one by which the list was read.
    }
  })
}

function read(output: string): Told {
  const told: Told = { acks: [], checkpoints: [], refusals: [], troubles: [] }
  for (const line of readFileSync(output, 'utf8').split('\n').slice(0, -1)) {
    const [, word, rest] = /^(\w+) (.*)$/.exec(line)!
    if (word === 'ack') {
      const [index, hash] = rest!.split(' ') as [string, string]
      told.acks.push({ index: Number(index), hash })
    } else if (word === 'see') told.checkpoints.push(JSON.parse(rest!) as string)
    else if (word === 'refused') told.refusals.push(rest!)
    else if (word === 'trouble') told.troubles.push(rest!)
    else throw new Error(`A writer wrote ${line}`)
  }
  return told
}
