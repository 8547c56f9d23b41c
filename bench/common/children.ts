import { execFile, fork, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ask } from './ask.ts'

/** Everything of one run lives here: configurations, caches, logs. */
export const scratch = mkdtempSync(join(tmpdir(), 'bench-'))

const running = new Set<ChildProcess>()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(1))
}
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM')
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 })
})

/** Only what a program needs to start: no proxy settings, npm configuration or tokens of the caller. */
const bareEnvironment = { PATH: process.env.PATH, HOME: scratch, TMPDIR: scratch, LANG: 'C.UTF-8' }

export interface Child {
  name: string
  process: ChildProcess
  pid: number
  /** The last lines of its output, for messages. */
  log(): string
  stop(): Promise<void>
}

interface Surroundings {
  cwd?: string
  env?: NodeJS.ProcessEnv
}

export function start(name: string, command: string, args: readonly string[], options: Surroundings = {}): Child {
  const logFile = logPath(name)
  const log = openSync(logFile, 'a')
  return adopt(name, logFile, spawn(command, args, {
    cwd: options.cwd ?? scratch,
    env: { ...bareEnvironment, ...options.env },
    stdio: ['ignore', log, log],
  }))
}

/** Starts one of our own modules as a process; it ends by itself when we disappear. */
export function startModule(name: string, module: URL, args: readonly string[] = []): Child {
  const logFile = logPath(name)
  const log = openSync(logFile, 'a')
  return adopt(name, logFile, fork(module, args, { env: bareEnvironment, stdio: ['ignore', log, log, 'ipc'] }))
}

/** The next message of a module; the first one says that it is ready. */
export async function nextMessage(child: Child): Promise<unknown> {
  const heard = new AbortController()
  const { signal } = heard
  const ended = once(child.process, 'exit', { signal }).then(() => {
    throw new Error(`${child.name} ended while it was waited for:\n${child.log()}`)
  })
  ended.catch(() => {})
  try {
    const [message] = await Promise.race([once(child.process, 'message', { signal }), ended]) as [unknown]
    return message
  } finally {
    heard.abort()
  }
}

/** Sends a message to a module and waits for its answer. */
export async function tell(child: Child, message: object): Promise<unknown> {
  const answer = nextMessage(child)
  child.process.send(message)
  return answer
}

/** Runs a module that sends one message, its result, and stops it. */
export async function resultOf(name: string, module: URL, args: readonly string[]): Promise<unknown> {
  const child = startModule(name, module, args)
  const result = await nextMessage(child)
  await child.stop()
  return result
}

/** Waits until `url` answers anything below 500. */
export async function waitUntilUp(child: Child, url: string, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  while (Date.now() < deadline) {
    if (child.process.exitCode !== null) throw new Error(`${child.name} ended with code ${child.process.exitCode}:\n${child.log()}`)
    const answer = await ask(url, {}, 2_000).catch(() => undefined)
    if (answer && answer.status < 500) return
    await sleep(30)
  }
  throw new Error(`${child.name} did not answer ${url} within ${seconds} s:\n${child.log()}`)
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (!address || typeof address === 'string') throw new Error('no free TCP port')
  return address.port
}

const run = promisify(execFile)

/** Runs a program to its end and returns what it printed; it ends with us when we are interrupted. */
export async function output(command: string, args: string[], options: { cwd?: string, timeout: number }): Promise<string> {
  const started = run(command, args, { ...options, encoding: 'utf8', env: bareEnvironment })
  track(started.child)
  return (await started).stdout
}

function track(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
}

function adopt(name: string, logFile: string, child: ChildProcess): Child {
  track(child)
  return {
    name,
    process: child,
    pid: child.pid ?? 0,
    log: () => readFileSync(logFile, 'utf8').split('\n').slice(-15).join('\n'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await ended
      clearTimeout(timer)
    },
  }
}

let logs = 0

function logPath(name: string): string {
  logs += 1
  return join(scratch, `${name}-${logs}.log`)
}
