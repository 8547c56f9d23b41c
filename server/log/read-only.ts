import type { Client } from '@libsql/client'
import { createVerifier, equalHashes, openCheckpoint } from '../../shared/tlog/index.ts'
import { newestNote } from './end.ts'
import type { Identity } from './identity.ts'
import { headOf, type Published } from './publisher.ts'
import type { Sequencer } from './sequencer.ts'
import { verifyEd25519, type Signer } from './signer.ts'
import type { StoredTiles } from './stored-tiles.ts'
import { DamagedLog, readTreeState } from './tree-state.ts'
import type { LogStatus } from './types.ts'
import { unavailable } from './unavailable.ts'

/** In place of a sequencer, for a log that nothing may be appended to: what was signed before can still be read. */
export function createReadOnly(reason: string, published: Published | undefined): Pick<Sequencer, 'status' | 'refresh' | 'record' | 'close'> & { published(): Published | undefined } {
  const status: LogStatus = { state: 'read-only', reason }
  return {
    status: () => status,
    published: () => published,
    async refresh() {},
    async record() {
      throw unavailable(status)
    },
    async close() {},
  }
}

/** The newest checkpoint in the database that is signed by the log's key and that the tree has; undefined if there is none. */
export async function lastPublished(
  client: Client, tiles: StoredTiles, identity: Identity, signer?: Signer,
): Promise<Published | undefined> {
  try {
    // In this order: where another process appends meanwhile, the tree has what the note says.
    const note = await newestNote(client)
    if (note === undefined) return undefined
    const state = await readTreeState(client)
    const { size, root } = openCheckpoint(note, createVerifier(identity.vkey, verifyEd25519))
    if (size > state.edge.size || !equalHashes(await tiles.rootAt(size, state.edge), root)) return undefined
    return { head: headOf({ size, root, recorded: state.recorded, checkpoint: note }, signer), state }
  } catch (error) {
    if (error instanceof DamagedLog || (error as Error).name === 'TlogError') return undefined
    throw error
  }
}
