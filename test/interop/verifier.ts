import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('verifier', import.meta.url))
const GO_CACHE = fileURLToPath(new URL('../../node_modules/.cache/go-build', import.meta.url))
/** Where Debian keeps Go libraries. */
const GO_PATH = '/usr/share/gocode'
const MISSING = 'These tests check the log with Go\'s own code. They need Go and its x/mod library, on Debian: '
  + 'apt-get install golang-go golang-golang-x-mod-dev'

interface Run {
  code: number
  stdout: string
  stderr: string
}

interface Subject {
  name: string
  version: string
}

/** What the stock `sumdb.Client` made of a lookup. */
export interface Answer extends Subject {
  /** What it returned. */
  lines: string[]
  /** The verified record and its index, -1 without one. */
  index: number
  record: string
  error?: string
}

/** One living `sumdb.Client`. */
export interface LookupClient {
  ask(name: string, version: string): Promise<Answer>
  /** Ends it; resolves with what it complained about. */
  end(): Promise<string>
}

/** The program in `verifier/`, which knows nothing of ours. */
export interface Verifier {
  /** Checks everything a server shows of its log. */
  checkLog(sumdb: string, olderCheckpointFile?: string): Promise<Run>
  /** A stock client that has what it knows in a directory, and one question for it. */
  lookUp(sumdb: string, vkey: string, directory: string, name: string, version: string): Promise<Run & { answer?: Answer }>
  startClient(sumdb: string, vkey: string, directory: string): LookupClient
  /** How Go's own rules name packages and versions. */
  paths(subjects: readonly Subject[]): Promise<(Subject & { module: string, lookup: string, error?: string })[]>
  /** A new signer key, as Go writes it. */
  createKey(name: string): Promise<string>
  remove(): Promise<void>
}

/** Compiles the program; the compiler's cache makes that quick from the second time on. */
export async function buildVerifier(): Promise<Verifier> {
  if (!existsSync(join(GO_PATH, 'src/golang.org/x/mod/sumdb'))) throw new Error(MISSING)
  const directory = await mkdtemp(join(tmpdir(), 'registry-verifier-'))
  const program = join(directory, 'verifier')
  const built = await execute('go', ['build', '-o', program, '.'], '', {
    cwd: SOURCE,
    env: {
      PATH: process.env.PATH,
      GO111MODULE: 'off', GOPATH: GO_PATH, GOFLAGS: '', GOCACHE: GO_CACHE, GOENV: 'off', GOTOOLCHAIN: 'local', CGO_ENABLED: '0',
    },
  })
  if (built.code !== 0) throw new Error(`The verifier does not compile:\n${built.stderr}`)

  return {
    checkLog: (sumdb, older) => execute(program, ['log', sumdb, ...(older === undefined ? [] : [older])]),
    async lookUp(sumdb, vkey, store, name, version) {
      const run = await execute(program, ['lookup', sumdb, vkey, store], `${name} ${version}\n`)
      return { ...run, ...(run.stdout !== '' && { answer: JSON.parse(run.stdout) as Answer }) }
    },
    startClient: (sumdb, vkey, store) => startClient(program, ['lookup', sumdb, vkey, store]),
    async paths(subjects) {
      const run = await execute(program, ['paths'], subjects.map(({ name, version }) => `${name} ${version}\n`).join(''))
      if (run.code !== 0) throw new Error(run.stderr)
      return run.stdout.trim().split('\n').map(line => JSON.parse(line) as Awaited<ReturnType<Verifier['paths']>>[number])
    },
    async createKey(name) {
      const { stdout } = await execute(program, ['key', name])
      return stdout.split('\n')[0]!
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

function execute(command: string, args: string[], input = '', options: { cwd?: string, env?: NodeJS.ProcessEnv } = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { ...options, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error.code === 'ENOENT' ? new Error(MISSING) : error)
      else resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
    // It may end without having read all of it.
    child.stdin?.on('error', () => {}).end(input)
  })
}

function startClient(program: string, args: string[]): LookupClient {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => complaints += chunk)
  return {
    async ask(name, version) {
      child.stdin.write(`${name} ${version}\n`)
      const { value, done } = await answers.next() as IteratorResult<string, undefined>
      if (done) throw new Error(`The client ended:\n${complaints}`)
      return JSON.parse(value) as Answer
    },
    async end() {
      child.stdin.end()
      await exited
      return complaints
    },
  }
}
