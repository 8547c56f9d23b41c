import type { View } from './view.ts'

/**
 * How a client may keep what depends on who asks. Whoever has a profile asks each time whether it still holds, since a choice
 * applies at once; everybody else's answers are not for who has one. Never both: a header that `vary` names is written to
 * npm's cache on disk with its value, and build systems share that cache, so an answer to a token must not name it.
 * @param usual `cache-control` of what everybody gets
 */
export function keeping({ holder }: View, usual: string): { 'cache-control': string, 'vary'?: string } {
  return holder === undefined ? { 'cache-control': usual, 'vary': 'authorization' } : { 'cache-control': 'private, no-cache' }
}
