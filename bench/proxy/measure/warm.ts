import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '../ask.ts'
import { titleOf } from '../cases.ts'
import type { Case } from '../cases.ts'
import type { Peer } from '../peers/peer.ts'
import { cpuSeconds } from './process.ts'
import { load } from './wrk.ts'
import type { Load } from './wrk.ts'

export interface Sample extends Load {
  case: string
  peer: Peer['name']
  round: number
  /** CPU time of the peer for one request, in microseconds: hardly moves when other programs keep the machine busy. */
  cpu: number
}

/**
 * Loads every peer with one case, round after round: within a round the peers follow each other
 * directly, and each round begins with another one, so that a busy moment of the machine hits all alike.
 */
export async function measureWarm(one: Case, peers: readonly Peer[], rounds: number, seconds: number): Promise<Sample[]> {
  const samples: Sample[] = []
  const headers = new Map<Peer, Record<string, string>>()
  for (const peer of peers) headers.set(peer, await prime(one, peer))
  for (let round = 0; round < rounds; round += 1) {
    for (const [index] of peers.entries()) {
      const peer = peers[(index + round) % peers.length]
      if (!peer) continue
      const before = cpuSeconds(peer.pid)
      const numbers = await load(peer.url + one.path, headers.get(peer) ?? {}, seconds)
      const cpu = (cpuSeconds(peer.pid) - before) * 1e6 / numbers.requests
      samples.push({ case: titleOf(one), peer: peer.name, round, ...numbers, cpu })
      await settle(peer.pid)
    }
  }
  return samples
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

/** A slow peer still works on abandoned requests: it must not slow the next one down. */
async function settle(pid: number): Promise<void> {
  let before = cpuSeconds(pid)
  for (let waited = 0; waited < 5_000; waited += 100) {
    await sleep(100)
    const now = cpuSeconds(pid)
    if (now - before <= 0.02) return
    before = now
  }
}
