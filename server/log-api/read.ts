import { parseRecord } from '../../shared/record/index.ts'
import { encodeBase64, leafHash, proveInclusion } from '../../shared/tlog/index.ts'
import type { LogCheckpoint, LogCheckpointPage, LogEntry, LogEntryDetail, LogEntryPage, LogOverview, LogSummary } from '../../shared/types/log.ts'
import { RegistryError } from '../errors.ts'
import { parseIndex } from '../http/index.ts'
import type { Log, SignedHead } from '../log/index.ts'
import type { Routes } from '../registry/index.ts'
import { activityOf } from './activity.ts'
import { parseEntriesQuery, parsePageQuery } from './query.ts'

/** @param now milliseconds since the epoch */
export async function summarizeLog(log: Log, now: number): Promise<LogSummary> {
  const head = await log.head()
  const { size, root, time, checkpoint } = checkpointOf(head)
  const signers = checkpoint.split('\n').filter(line => line.startsWith('\u2014 ')).map(line => line.split(' ')[1]!)
  return {
    size, root, time, state: log.status().state,
    cosigners: signers.filter(name => name !== log.origin),
    ...await activityOf(log, size, now),
  }
}

export async function describeLog(log: Log): Promise<LogOverview> {
  const { size, root, time } = checkpointOf(await log.head())
  return {
    origin: log.origin, vkey: log.vkey, goVkey: log.goVkey, size, root, time, state: log.status().state,
    namespaces: await log.namespaces(),
  }
}

/** @throws RegistryError `BAD_REQUEST` */
export async function listEntries(log: Log, routes: Pick<Routes, 'authoritiesOf'>, query: URLSearchParams): Promise<LogEntryPage> {
  const { package: name, format: _, ...asked } = parseEntriesQuery(query)
  const { size } = await log.head()
  const packages = name === undefined ? [undefined] : subjectsOf(name, log, routes)
  const lists = await Promise.all(packages.map(one => log.list({ ...asked, ...(one && { package: one }) })))
  const found = lists.flatMap(list => list.entries).toSorted((a, b) => b.index - a.index)
  const entries = found.slice(0, asked.limit).map(({ index, text }) => entryOf(index, text))
  // Where only a part was looked at, the rest may have more, however few were found.
  const rest = entries.length < asked.limit ? Math.max(...lists.map(({ from }) => from)) : 0
  return { size, entries, next: rest > 0 ? rest : following(entries.map(({ index }) => index), asked.limit) }
}

/** @throws RegistryError `BAD_REQUEST`, `NOT_FOUND` */
export async function showEntry(log: Log, parameter: string): Promise<LogEntryDetail> {
  const index = parseIndex(parameter, 'The index of an entry')
  const head = await log.head()
  const { size, checkpoint } = head
  const [text] = index < size ? await log.texts(index, index + 1) : []
  if (text === undefined) throw new RegistryError('NOT_FOUND', `The log has ${size} entries, and none with index ${index}.`)
  const hashes = await proveInclusion(index, size, log.hashes(size))
  return {
    ...entryOf(index, text),
    leafHash: encodeBase64(leafHash(new TextEncoder().encode(text))),
    proof: { hashes: hashes.map(encodeBase64), size, root: encodeBase64(head.root) },
    checkpoint,
    previous: index > 0 ? index - 1 : null,
    next: index + 1 < size ? index + 1 : null,
  }
}

/** @throws RegistryError `BAD_REQUEST` */
export async function listCheckpoints(log: Log, query: URLSearchParams): Promise<LogCheckpointPage> {
  const asked = parsePageQuery(query)
  await log.head()
  const checkpoints = (await log.checkpoints(asked)).map(checkpointOf)
  return { checkpoints, next: following(checkpoints.map(({ size }) => size), asked.limit) }
}

function entryOf(index: number, text: string): LogEntry {
  return { index, text, record: parseRecord(text) }
}

function checkpointOf({ size, root, recorded, checkpoint }: SignedHead): LogCheckpoint {
  return { size, root: encodeBase64(root), time: recorded > 0 ? new Date(recorded).toISOString() : null, checkpoint }
}

/** Where the next page begins, if this one is full. */
function following(numbers: number[], limit: number): number | null {
  const last = numbers.at(-1)
  return last !== undefined && last > 0 && numbers.length === limit ? last : null
}

/** The packages of the authorities that the name is routed to: for reading the log, nobody is asked whose it is. */
function subjectsOf(name: string, log: Log, routes: Pick<Routes, 'authoritiesOf'>): { name: string, namespace?: string }[] {
  return routes.authoritiesOf(name).map(({ namespace }) => ({ name, ...(namespace !== log.defaultNamespace && { namespace }) }))
}
