import { ask } from '../../common/ask.ts'
import type { Peer } from '../../common/peer.ts'
import type { PageAddresses } from '../addresses.ts'

/** Milliseconds of each request, by page. */
export type PageTimes = Record<string, number[]>

/** Requests whose times do not count, to each page: its code is loaded with the first one. */
const WARM_UP = 5

/**
 * How long the server takes for each page: one request after the other, each for the whole document. Redirects count as they are.
 * @param rounds requests to each page
 */
export async function measurePages(us: Peer, pages: readonly PageAddresses[], rounds: number): Promise<PageTimes> {
  const root = new URL('..', us.url).href
  const times: PageTimes = {}
  for (const { title, paths } of pages) {
    const list: number[] = []
    for (let n = 0; n < WARM_UP + rounds; n++) {
      const path = paths[n % paths.length]!
      const { status, milliseconds } = await ask(root + path, { 'accept': 'text/html', 'accept-encoding': 'gzip, br' })
      if (status >= 400) throw new Error(`/${path} answers ${status}`)
      if (n >= WARM_UP) list.push(milliseconds)
    }
    times[title] = list
  }
  return times
}
