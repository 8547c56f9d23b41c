/**
 *     npm run log:verify -- <url> [--key <vkey>] [--state <file>] [--follow [seconds]] [--full]
 *     npm run log:verify -- --bundle <file> [--vkey <vkey>]
 *
 * Checks a log from outside, as anybody can: see HELP. Exit code 0: all is well; 1: the log lied; 2: it could not be checked.
 */
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { LogError, ReadError, type Head } from '../shared/sumdb/index.ts'
import { encodeBase64 } from '../shared/tlog/index.ts'
import { connect, type Connection } from './connect.ts'
import { UsageError } from './failure.ts'
import { createMonitor, type Monitor } from './monitor.ts'
import { createProgress } from './progress.ts'
import { runTool } from './run-tool.ts'
import { alignColumns, complain, count, print, printStyled } from './terminal.ts'
import { verifyBundle } from './verify-bundle.ts'

const HELP = `Usage: npm run log:verify -- <url> [options]
       npm run log:verify -- --bundle <file> [--vkey <vkey>]

Checks a log from outside: its signed checkpoint, that it goes on from the one seen last time, and every record that is new since
then: each is in the signed tree, can be read, is not older than the one above it, and no version is recorded twice.

  <url>               the log's prefix, such as https://registry.example.org/sumdb/
  --key <vkey>        the log's verifier key; by default the one trusted before, or on first use the one that the log shows
  --state <file>      where to remember what was seen (default: in the user's state directory)
  --follow [seconds]  go on checking, every 10 seconds or as often as said
  --full              check all records again, not only new ones
  --bundle <file>     check the file of an incident instead (/api/incidents/<id>/bundle), without asking anybody
  --vkey <vkey>       the same as --key
  --help

Exit code 0: all is well; 1: the log lied, and the evidence is kept; 2: it could not be checked.`

const DEFAULT_INTERVAL = 10
const TRUST = { 'given': 'as given', 'pinned': 'pinned', 'first use': 'trusted on first use' }

await runTool(async (report) => {
  const { address, bundle, interval, isFull, ...options } = readArguments(process.argv.slice(2))
  if (bundle !== undefined) return verifyBundle(bundle, options.key)
  if (address === undefined) return print(HELP)
  const connection = await connect(address, options)
  report.connection = connection
  const monitor = await verifyOnce(connection, isFull)
  if (interval !== undefined) await follow(connection, monitor, interval)
})

/** Without an address help was asked for. */
function readArguments(args: readonly string[]) {
  // An option whose value may be left out is beyond parseArgs.
  const spelled = args.map((arg, i) => arg === '--follow' && !/^\d+$/.test(args[i + 1] ?? '') ? `--follow=${DEFAULT_INTERVAL}` : arg)
  const { values, positionals } = parse(spelled)
  if (values.help) return {}
  const key = values.key ?? values.vkey
  if (values.bundle !== undefined) {
    if (positionals.length === 0) return { bundle: values.bundle, key }
    throw new UsageError('Name a log by its URL, or an incident\'s file with --bundle, not both; --help says more.')
  }
  if (positionals.length !== 1) throw new UsageError('Name one log by its URL: npm run log:verify -- <url>; --help says more.')
  const interval = values.follow === undefined ? undefined : Number(values.follow)
  if (interval !== undefined && !(Number.isSafeInteger(interval) && interval > 0 && interval <= 86_400)) {
    throw new UsageError(`--follow takes a number of seconds from 1 to 86400, not "${values.follow}".`)
  }
  return { address: positionals[0], key, state: values.state, interval, isFull: values.full }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        vkey: { type: 'string' },
        bundle: { type: 'string' },
        state: { type: 'string' },
        follow: { type: 'string' },
        full: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.replace(/\. .*/s, '')}; --help says more.`, { cause })
  }
}

async function verifyOnce(connection: Connection, isFull = false): Promise<Monitor> {
  const { client, state } = connection
  const before = await client.seen()
  const head = await client.checkpoint()
  const monitor = createMonitor(client, isFull ? 0 : await state.verified())
  await advance(connection, monitor, head)
  printStyled('green', `✔ Verified the log at ${connection.url}`)
  print(summary(connection, monitor, before, head))
  return monitor
}

async function advance({ client, state }: Connection, monitor: Monitor, head: Head): Promise<void> {
  const begin = monitor.next
  const progress = createProgress('Checking records')
  try {
    await monitor.advance(head, done => progress.update(done - begin, head.size - begin))
  } finally {
    progress.end()
  }
  // Only what was read to its end counts: who is interrupted begins there again.
  const seen = await client.seen()
  if (seen && seen.size >= head.size && await state.verified() < head.size) await state.setVerified(head.size)
}

function summary({ vkey, trust, state }: Connection, monitor: Monitor, before: Head | undefined, head: Head): string {
  const { from, versions, recorded } = monitor
  const isAll = from === 0
  const read = head.size - from
  const news = isAll ? '' : 'new '
  return alignColumns([
    ['', 'key', `${vkey} (${TRUST[trust]})`],
    ['', 'tree', `${count(head.size, 'record')}, root ${encodeBase64(head.root)}, signed by this key`],
    ['', 'history', before === undefined ? 'none was seen before' : `goes on from the tree of ${count(before.size, 'record')} that was seen before`],
    ['', 'records', read === 0
      ? 'no new ones'
      : `${count(read, `${news}record`)} read, each in its place in the signed tree${isAll ? '; the root is that of all of them' : ''}`],
    ...recorded === undefined ? [] : [['', 'order', `recorded in the order of their times, the last at ${recorded}`]],
    ...read === 0 ? [] : [['', 'versions', `${count(versions, `${news}version`)}, ${versions === 1 ? 'recorded' : 'each recorded'} once${isAll ? '' : ' among the new records; --full compares all of them'}`]],
    ['', 'remembered', state.path],
  ]).join('\n')
}

/** Until it is told to stop, or the log lies. */
async function follow(connection: Connection, monitor: Monitor, interval: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0))
  let isReachable = true
  for (;;) {
    await sleep(interval * 1000)
    try {
      const { next } = monitor
      const head = await connection.client.checkpoint()
      await advance(connection, monitor, head)
      if (!isReachable) complain(`${new Date().toISOString()} The log answers again.`)
      isReachable = true
      if (head.size > next) print(`${new Date().toISOString()} ${count(head.size, 'record')} (${head.size - next} new), root ${encodeBase64(head.root)}: verified`)
    } catch (error) {
      if (!(error instanceof ReadError) || error instanceof LogError) throw error
      if (isReachable) complain(`${new Date().toISOString()} ${error.message} Trying again every ${count(interval, 'second')}.`)
      isReachable = false
    }
  }
}
