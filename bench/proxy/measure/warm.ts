import { ask } from '../../common/ask.ts'
import type { Peer } from '../../common/peer.ts'
import { loadInTurns } from '../../common/rounds.ts'
import type { Question, Sample } from '../../common/rounds.ts'
import { load } from '../../common/wrk.ts'
import { titleOf } from '../cases.ts'
import type { Case } from '../cases.ts'

/** Loads every peer with one case, in turns. */
export async function measureWarm(one: Case, peers: readonly Peer[], rounds: number, seconds: number): Promise<Sample[]> {
  const questions: Question[] = []
  for (const peer of peers) questions.push({ peer, url: peer.url + one.path, headers: await prime(one, peer) })
  return loadInTurns(titleOf(one), questions, rounds, seconds)
}

/** Lets just-in-time compilers do their work before anything is counted. */
export async function warmUp(cases: readonly Case[], peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) {
    for (const one of cases) await prime(one, peer)
    const [first] = cases
    if (first) await load(peer.url + first.path, first.headers, 1)
  }
}

/** Makes sure that the answer is cached and is the one the case means; returns the request's headers. */
async function prime(one: Case, peer: Peer): Promise<Record<string, string>> {
  const url = peer.url + one.path
  await ask(url, one.headers)
  const { status, headers } = await ask(url, one.headers)
  if (status !== 200 || headers['content-encoding'] !== 'gzip') {
    throw new Error(`${peer.name} answers ${url} with status ${status} and encoding ${headers['content-encoding']}, not with 200 and gzip`)
  }
  if (!one.conditional) return one.headers
  const conditional = { ...one.headers, 'if-none-match': headers.etag ?? '' }
  const again = await ask(url, conditional)
  if (again.status !== 304) throw new Error(`${peer.name} answers its own ETag ${headers.etag} for ${url} with status ${again.status}, not with 304`)
  return conditional
}
