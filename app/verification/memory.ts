import type { HeadStore } from '../../shared/sumdb/index.ts'

/** What this browser remembers of logs; `localStorage`, or anything like it. */
export type Memory = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const VKEY = 'registry-log-vkey'
const HEAD = 'registry-log-head '

/** The log's key as it was when this browser saw it first, or as its user pasted it; undefined before that. */
export function rememberedKey(memory: Memory): string | undefined {
  return memory.getItem(VKEY) ?? undefined
}

/** From now on only this key counts. What was seen of a log with another one stays remembered beside it. */
export function rememberKey(memory: Memory, vkey: string): void {
  memory.setItem(VKEY, vkey)
}

/** The largest checkpoint of the log with this key that the browser ever saw: what a rollback or a fork is noticed by. */
export function rememberedHeads(memory: Memory, vkey: string): HeadStore {
  const key = HEAD + vkey
  return {
    read: async () => memory.getItem(key) ?? undefined,
    async replace(expected, next) {
      if ((memory.getItem(key) ?? undefined) !== expected) return false
      memory.setItem(key, next)
      return true
    },
  }
}

/** Where the browser keeps nothing (a private window may not), what was seen is forgotten with the page. */
export function createMemory(): Memory {
  const values = new Map<string, string>()
  return {
    getItem: key => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: key => void values.delete(key),
  }
}
