import { parseCheckpoint, type Checkpoint } from '../../shared/tlog/index.ts'
import { parseNote } from '../../shared/tlog/note.ts'
import { ask } from '../common/ask.ts'
import type { Peer } from '../common/peer.ts'

/** The same server as its other clients see it: URL of the checksum database, with a trailing slash. */
export function sumdbOf(us: Peer): Peer {
  return { ...us, url: new URL('/sumdb/', us.url).href }
}

/** What a server's log says of itself now. */
export async function headOf(us: Peer): Promise<Checkpoint> {
  const { status, body } = await ask(`${sumdbOf(us).url}checkpoint`)
  if (status !== 200) throw new Error(`the checkpoint is answered with ${status}: ${body.toString().slice(0, 300)}`)
  return parseCheckpoint(parseNote(body.toString()).text)
}
