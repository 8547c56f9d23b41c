import type { Client } from '@libsql/client'
import { openCheckpoint } from '../../shared/tlog/index.ts'
import { keepNote, type UnkeptNote } from './commit.ts'
import type { RememberedHead } from './remembered.ts'
import type { Signer } from './signer.ts'
import type { TreeState } from './tree-state.ts'
import type { SignedHead } from './types.ts'

/** A state that anyone may see, and the tree that belongs to it. */
export interface Published {
  head: SignedHead
  state: TreeState
}

/** Makes committed states public, and sees to it that what was signed is written down. */
export interface Publisher {
  current(): Published
  /** Signs a state, which must be committed: from here on it cannot be taken back. */
  publish(state: TreeState): void
  /** The newest signed checkpoint, if the database does not have it yet: the next commit takes it along… */
  unkept(): UnkeptNote | undefined
  /** …and then says so. */
  kept(note: UnkeptNote): void
  /** Writes it down on its own. */
  keep(): Promise<void>
  close(): Promise<void>
}

interface PublisherOptions {
  client: Client
  signer: Signer
  remembered: RememberedHead
  /** The first state to publish. */
  state: TreeState
  /** Called when a checkpoint was public for a while and no commit took it along. */
  onIdle(): void
}

/** How long (ms) a signed checkpoint waits for the next commit. */
const KEEP_AFTER = 1_000

export function createPublisher({ client, signer, remembered, state, onIdle }: PublisherOptions): Publisher {
  let unkept: UnkeptNote | undefined
  let timer: NodeJS.Timeout | undefined
  let current = sign(state)

  function sign(state: TreeState): Published {
    const { edge: { size }, root, recorded } = state
    const checkpoint = signer.sign(size, root)
    // Before anyone sees it: whoever restores an older database must be found out by this.
    remembered.write(checkpoint)
    if (size > 0) {
      unkept = { size, checkpoint }
      timer ??= setTimeout(onIdle, KEEP_AFTER).unref()
    }
    return { head: headOf({ size, root, recorded, checkpoint }, signer), state }
  }

  function sizeOf(note: string): number {
    try {
      return openCheckpoint(note, signer.verifier).size
    } catch {
      // What is torn or not ours is put right.
      return -1
    }
  }

  return {
    current: () => current,
    publish(state) {
      current = sign(state)
    },
    unkept: () => unkept,
    kept(note) {
      if (unkept === note) unkept = undefined
    },
    async keep() {
      clearTimeout(timer)
      timer = undefined
      const note = unkept
      if (!note) return
      await client.execute(keepNote(note))
      this.kept(note)
    },
    async close() {
      const outside = await remembered.read()
      // Another process went further than this one knows.
      if (outside !== undefined && sizeOf(outside) > current.head.size) return
      remembered.write(current.head.checkpoint, { durably: true })
    },
  }
}

/** Few of all states are asked for by Go's clients, so it is signed for them when one is. */
export function headOf(head: Omit<SignedHead, 'goNote'>, signer: Signer | undefined): SignedHead {
  let note: string | undefined
  return {
    ...head,
    get goNote() {
      return note ??= signer?.signForGo(head.size, head.root)
    },
  }
}
