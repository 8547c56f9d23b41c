import { setTimeout as sleep } from 'node:timers/promises'
import type { Peer } from './peer.ts'
import { cpuSeconds } from './process.ts'
import { median } from './statistics.ts'
import { load } from './wrk.ts'
import type { Load } from './wrk.ts'

export interface Sample extends Load {
  case: string
  peer: Peer['name']
  round: number
  /** CPU time of the peer for one request, in microseconds: hardly moves when other programs keep the machine busy. */
  cpu: number
}

/** What one peer is asked for in one case. */
export interface Question {
  peer: Peer
  url: string
  headers: Record<string, string>
}

/**
 * Loads every peer with one case, round after round: within a round the peers follow each other
 * directly, and each round begins with another one, so that a busy moment of the machine hits all alike.
 */
export async function loadInTurns(
  title: string, questions: readonly Question[], rounds: number, seconds: number,
): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const [index] of questions.entries()) {
      const question = questions[(index + round) % questions.length]
      if (!question) continue
      const { peer, url, headers } = question
      const before = cpuSeconds(peer.pid)
      const numbers = await load(url, headers, seconds)
      const cpu = (cpuSeconds(peer.pid) - before) * 1e6 / numbers.requests
      samples.push({ case: title, peer: peer.name, round, ...numbers, cpu })
      await settle(peer.pid)
    }
  }
  return samples
}

/** How many times as many requests we answer as a peer does; NaN without samples. */
export function ratioTo(peer: Peer['name'], samples: readonly Sample[]): number {
  // The peers of one round ran directly after each other: their ratio stands even when the machine's pace drifts.
  return median(samples.filter(sample => sample.peer === 'us').map(ours => ours.requestsPerSecond
    / (samples.find(sample => sample.peer === peer && sample.round === ours.round)?.requestsPerSecond ?? NaN)))
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
