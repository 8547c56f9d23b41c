/**
 *     npm run lockfile:verify -- <lockfile> [--log <url>] [--key <vkey>] [--json]
 *
 * Compares a lockfile with a log: see HELP. Exit code 0: nothing differs; 1: something does; 2: it could not be checked.
 */
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { LockfileError, parseLockfile } from '../shared/lockfile/index.ts'
import { countStates, matchNames, verifyPackages, type State, type Verdict } from '../shared/lockfile-check/index.ts'
import { connect, type Connection } from './connect.ts'
import { FAILED, IMPOSSIBLE, UsageError } from './failure.ts'
import { createProgress } from './progress.ts'
import { runTool } from './run-tool.ts'
import { alignColumns, count, print, printStyled } from './terminal.ts'
import { userPath } from './user-path.ts'

const HELP = `Usage: npm run lockfile:verify -- <lockfile> [options]

Looks up every package of a lockfile (npm, pnpm, Yarn, Bun) in a log, proves the answer, and compares the digests.

  --log <url>             the log's prefix (default: NUXT_PUBLIC_URL and sumdb/, or http://localhost:3000/sumdb/)
  --key <vkey>            the log's verifier key; by default the one trusted before, or on first use the one that the log shows
  --state <file>          where to remember what was seen of the log (default: in the user's state directory)
  --registry <namespace>  packages may also be those of this registry, as registry.example.org/npm; may be repeated
  --skip <pattern>        do not ask for these names, as '@acme/*'; may be repeated
  --json                  print the results as JSON
  --help

Exit code 0: nothing differs; 1: a digest differs, a record is missing, or a proof failed; 2: it could not be checked.`

const WORDS = { skipped: 'left out by --skip', otherAuthority: 'If that is the one that is meant, name it with --registry.' }

type Options = Exclude<ReturnType<typeof readArguments>, undefined>

await runTool(async (report) => {
  const options = readArguments(process.argv.slice(2))
  if (!options) return print(HELP)
  const lockfile = await readLockfile(options.file)
  const connection = await connect(options.log, options)
  report.connection = connection
  await connection.client.checkpoint()
  const progress = createProgress('Looking up packages')
  const total = lockfile.packages.length
  let verdicts: Verdict[]
  try {
    verdicts = await verifyPackages(lockfile.packages, connection.client, {
      registries: options.registry, isSkipped: options.isSkipped, words: WORDS, progress: done => progress.update(done, total),
    })
  } finally {
    progress.end()
  }
  const counts = countStates(verdicts)
  if (options.json) await printJson(options, lockfile.kind, connection, counts, verdicts)
  else await printTable(connection, counts, verdicts)
  if (counts.mismatch + counts.missing + counts.unproven > 0) process.exitCode = FAILED
  else if (counts.unavailable > 0) process.exitCode = IMPOSSIBLE
})

function readArguments(args: string[]) {
  const { values, positionals } = parse(args)
  if (values.help) return undefined
  const [file] = positionals
  if (file === undefined || positionals.length !== 1) {
    throw new UsageError('Name one lockfile: npm run lockfile:verify -- <lockfile>; --help says more.')
  }
  return { ...values, file, log: values.log ?? defaultLog(), isSkipped: matchNames(values.skip) }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        log: { type: 'string' },
        key: { type: 'string' },
        state: { type: 'string' },
        registry: { type: 'string', multiple: true, default: [] },
        skip: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.replace(/\. .*/s, '')}; --help says more.`, { cause })
  }
}

function defaultLog(): string {
  const base = process.env.NUXT_PUBLIC_URL || 'http://localhost:3000/'
  return `${base.replace(/\/*$/, '')}/sumdb/`
}

async function readLockfile(file: string) {
  let bytes: Uint8Array
  try {
    bytes = await readFile(userPath(file))
  } catch (cause) {
    throw new UsageError(`${file} cannot be read (${(cause as Error).message}).`, { cause })
  }
  try {
    return parseLockfile(new TextDecoder().decode(bytes), file)
  } catch (cause) {
    if (cause instanceof LockfileError) throw new UsageError(`${file}: ${cause.message}`, { cause })
    throw cause
  }
}

type Counts = Record<State, number>

async function printJson(
  { file }: Options, kind: string, { url, vkey, trust, client }: Connection, counts: Counts, packages: Verdict[],
) {
  const head = await client.seen()
  // Escaped, so that a terminal obeys nothing in it.
  const log = { url, vkey, trust, checkpoint: head?.note }
  const text = JSON.stringify({ lockfile: file, kind, log, counts, packages }, null, 2)
  print(text.replaceAll(/[\u007F-\uFFFF]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`))
}

/** What differs first, what is fine last. */
async function printTable({ url, client }: Connection, counts: Counts, verdicts: readonly Verdict[]) {
  const of = (...states: State[]) => verdicts.filter(({ state }) => states.includes(state))
  const mismatches = of('mismatch')
  if (mismatches.length > 0) {
    printStyled('red', `✖ ${count(mismatches.length, 'package differs', 'packages differ')} from what the log recorded:\n`)
    for (const verdict of mismatches) print(`${difference(verdict)}\n`)
  }
  section('red', 'could not be verified', of('missing', 'unproven', 'unavailable'))
  section('yellow', 'recorded, but not comparable', of('weaker'))
  section('yellow', 'not looked up', of('skipped'))

  const head = await client.seen()
  const isFine = counts.mismatch + counts.missing + counts.unproven + counts.unavailable === 0
  printStyled(isFine ? 'green' : 'bold', `${isFine ? '✔' : '✖'} ${counts.verified.toLocaleString('en-US')} of ${count(verdicts.length, 'package')} verified: recorded with the digest that the lockfile has.`)
  for (const [namespace, number] of namespaces(of('verified'))) print(`  ${number.toLocaleString('en-US')} of them ${number === 1 ? 'is' : 'are'} of ${namespace}`)
  print(`  log  ${url}${head ? `, ${count(head.size, 'record')}` : ''}`)
}

function difference({ name, version, at, locked = '', recorded }: Verdict): string {
  const rows = [
    ['  ', 'locked', locked],
    ['  ', 'recorded', recorded?.integrity ?? ''],
    ['  ', 'entry', `${recorded?.index}, recorded ${recorded?.time}, ${recorded?.evidence}`],
  ]
  return [`  ${name}@${version}  (${at})`, ...alignColumns(rows)].join('\n')
}

function section(style: 'red' | 'yellow', title: string, verdicts: readonly Verdict[]): void {
  if (verdicts.length === 0) return
  printStyled(style, `${style === 'red' ? '✖' : '!'} ${count(verdicts.length, 'package')} ${title}:\n`)
  const rows = verdicts.map(({ name, version, state, reason = '' }) => ['', `${name}@${version}`, state, reason])
  print(`${alignColumns([['', 'PACKAGE', 'STATE', 'WHY'], ...rows]).join('\n')}\n`)
}

/** Authorities other than the log's default one, and how many packages are theirs. */
function namespaces(verdicts: readonly Verdict[]): Map<string, number> {
  const numbers = new Map<string, number>()
  for (const { recorded } of verdicts) {
    if (recorded?.namespace !== undefined) numbers.set(recorded.namespace, (numbers.get(recorded.namespace) ?? 0) + 1)
  }
  return numbers
}
