import { createHttpRead, createLogClient, type LogClient, type Read } from '../../shared/sumdb/index.ts'
import { createVerifier, parseVkey, type NoteVerifier } from '../../shared/tlog/index.ts'
import { rememberedHeads, rememberedKey, rememberKey, type Memory } from './memory.ts'
import { verifySignature } from './signature.ts'

/** A log as this browser believes it: by a key that it keeps, and by what it saw before. */
export interface BelievedLog {
  /** The key that counts. */
  vkey: string
  verifier: NoteVerifier
  /** Reads a path below the log's prefix; nothing of it is verified yet. */
  read: Read
  /** Proves whatever it answers, and remembers the largest tree. */
  client: LogClient
  /** True: this browser never saw the log before, so the key is believed because the server gave it. */
  isFirstVisit: boolean
  /** The key that the server gives now, if that is another one: then it is not the log that was seen before. */
  otherKey?: string
}

/**
 * Opens the log of a server.
 * @param prefix the log's URL, with a trailing slash
 * @throws ReadError if there is no answer, TlogError if its key is none
 */
export async function openLog(prefix: string, memory: Memory, read: Read = createHttpRead(prefix)): Promise<BelievedLog> {
  const known = rememberedKey(memory)
  const given = new TextDecoder().decode(await read('vkey')).trim()
  parseVkey(given)
  const vkey = known ?? given
  if (known === undefined) rememberKey(memory, given)
  const verifier = createVerifier(vkey, verifySignature)
  return {
    vkey, verifier, read,
    client: createLogClient({ read, verifier, heads: rememberedHeads(memory, vkey) }),
    isFirstVisit: known === undefined,
    ...(given !== vkey && { otherKey: given }),
  }
}
