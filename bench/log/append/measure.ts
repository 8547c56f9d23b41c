import { join } from 'node:path'
import { nextMessage, scratch, startModule, tell } from '../../common/children.ts'
import type { Chunk, Command, Paced } from './commands.ts'

export interface Appends {
  /** Chunks of one round followed each other directly. */
  ours: Chunk[]
  bare: Chunk[]
  /** How the bare side inserts: the faster way. */
  bareWay: string
  settings: Record<string, string>
}

/** A process that appends. */
export interface Writer {
  tell(command: Command): Promise<unknown>
  stop(): Promise<void>
}

const MODULES = {
  ours: new URL('./writer.ts', import.meta.url),
  bare: new URL('./bare-writer.ts', import.meta.url),
}

export async function startWriter(which: keyof typeof MODULES): Promise<Writer> {
  const child = startModule(`writer-${which}`, MODULES[which])
  await nextMessage(child)
  return { tell: command => tell(child, command), stop: child.stop }
}

/** Appends so many records in rounds to a log, and in turns the same to a bare table; the log is left open. */
export async function measureAppends(ours: Writer, total: number, rounds: number): Promise<Appends> {
  const bare = await startWriter('bare')
  await ours.tell({ do: 'open', dataDir: join(scratch, 'append-ours'), world: 'append' })
  const bareWay = String(await bare.tell({ do: 'open', dataDir: join(scratch, 'append-bare'), world: 'append' }))
  // Not counted: compilers do their work.
  const count = Math.ceil(total / rounds)
  await ours.tell({ do: 'append', count: Math.min(count, 20_000) })
  await bare.tell({ do: 'append', count: Math.min(count, 20_000) })

  const chunks = { ours: [] as Chunk[], bare: [] as Chunk[] }
  for (let round = 0; round < rounds; round += 1) {
    for (const which of round % 2 ? ['bare', 'ours'] as const : ['ours', 'bare'] as const) {
      chunks[which].push(await (which === 'ours' ? ours : bare).tell({ do: 'append', count }) as Chunk)
    }
  }
  const settings = await ours.tell({ do: 'settings' }) as Record<string, string>
  const bareSettings = await bare.tell({ do: 'settings' })
  await bare.stop()
  if (JSON.stringify(settings) !== JSON.stringify(bareSettings)) throw new Error('the bare database has other settings than ours, so they cannot be compared')
  return { ...chunks, bareWay, settings }
}

/** Goes on appending to the open log, at a rate that it can bear. */
export async function measurePaced(ours: Writer, rate: number, seconds: number): Promise<Paced> {
  return await ours.tell({ do: 'append at pace', rate, seconds }) as Paced
}

export function rateOf(chunks: readonly Chunk[]): number {
  return sum(chunks, 'records') / sum(chunks, 'seconds')
}

export function sum(chunks: readonly Chunk[], field: keyof Chunk): number {
  return chunks.reduce((total, chunk) => total + chunk[field], 0)
}
