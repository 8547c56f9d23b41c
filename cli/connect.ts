import { createHttpRead, createLogClient, type LogClient, type Read } from '../shared/sumdb/index.ts'
import { createVerifier, TlogError, verifyEd25519 } from '../shared/tlog/index.ts'
import { UsageError } from './failure.ts'
import { keyKnownFor, rememberKey } from './known-logs.ts'
import { defaultStatePath, openStateFile, vkeyOf, type StateFile } from './state-file.ts'
import { complain } from './terminal.ts'
import { userPath } from './user-path.ts'

/** A log, its key, and what is remembered of it. */
export interface Connection {
  /** With a trailing slash. */
  url: string
  vkey: string
  /** Why the key is trusted. */
  trust: 'given' | 'pinned' | 'first use'
  client: LogClient
  state: StateFile
}

export interface ConnectOptions {
  /** The log's verifier key, from a source that is trusted. */
  key?: string
  /** By default one in the user's state directory. */
  state?: string
}

/**
 * Prepares the verification of a log. Without a key it is the one that this user trusted for this URL before, or else the one
 * that the log shows now: it is trusted on first use, and pinned once the log's checkpoint verified under it.
 *
 * @throws UsageError, StateError; ReadError if the log has to tell its key and does not
 */
export async function connect(address: string, { key, state: statePath }: ConnectOptions): Promise<Connection> {
  const stateFile = statePath === undefined ? undefined : userPath(statePath)
  const url = logUrl(address)
  const read = createHttpRead(url)
  const pinned = key === undefined ? await (stateFile === undefined ? keyKnownFor(url) : vkeyOf(stateFile)) : undefined
  const vkey = key ?? pinned ?? await readKey(url, read)
  const trust = key !== undefined ? 'given' : pinned !== undefined ? 'pinned' : 'first use'
  const verifier = verifierOf(vkey)
  const state = openStateFile(stateFile ?? defaultStatePath(vkey), vkey)
  const log = createLogClient({ read, verifier, heads: state.heads })
  const client: LogClient = {
    ...log,
    async checkpoint() {
      const head = await log.checkpoint()
      // A file of the user's own choice holds the key too.
      if (stateFile === undefined) await rememberKey(url, vkey)
      return head
    },
  }
  if (trust === 'first use') {
    complain(`First use of ${url}: its key is trusted as it was received. Compare it with what you know of this log from elsewhere.\nFrom now on it is pinned, as by --key '${vkey}'`)
  }
  return { url, vkey, trust, client, state }
}

function logUrl(address: string): string {
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw new UsageError(`"${address}" is not the URL of a log, such as https://registry.example.org/sumdb/.`)
  }
  return url.href.endsWith('/') ? url.href : `${url.href}/`
}

async function readKey(url: string, read: Read): Promise<string> {
  const text = new TextDecoder().decode(await read('vkey')).trim()
  try {
    verifierOf(text)
  } catch (cause) {
    throw new UsageError(`${url}vkey is not a log's key: is ${url} the URL of a log?`, { cause })
  }
  return text
}

function verifierOf(vkey: string) {
  try {
    return createVerifier(vkey, verifyEd25519)
  } catch (cause) {
    if (cause instanceof TlogError) throw new UsageError(`The key cannot be used: ${cause.message}`, { cause })
    throw cause
  }
}
