import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '../../common/ask.ts'
import { scratch } from '../../common/children.ts'
import type { Peer } from '../../common/peer.ts'
import { SHAPES } from '../../common/upstream/documents.ts'
import { startUs } from '../../common/us.ts'
import { headOf } from '../sumdb.ts'

/** Milliseconds of the first request for one document. */
export interface FirstRequest {
  /** Where none of its versions is recorded. */
  unseen: number
  /** Where all of them are. */
  recorded: number
}

const VERSIONS = SHAPES['bench-medium'].versions
/** First requests that are not counted, by a process that was just started. */
const WARM_UP = 10
/** What a request leaves to be done behind its answer (ms). */
const AFTERWARDS = 60

const headers = { 'accept': 'application/json', 'accept-encoding': 'gzip' }

/**
 * First requests for packages of 240 versions, to two servers in turns. Neither of them has seen the documents; but the log of
 * one has all their versions, since it was asked for them before it was started anew without its cache.
 */
export async function measureFirstRequests(build: string, upstream: string, count: number): Promise<FirstRequest[]> {
  const names = Array.from({ length: WARM_UP + count }, (_, n) => `bench-medium-first-${n}`)
  for (const name of names) await ask(upstream + name, headers)

  const [unseenDir, recordedDir] = [join(scratch, 'first-unseen'), join(scratch, 'first-recorded')]
  mkdirSync(unseenDir)
  mkdirSync(recordedDir)
  const before = await startUs(build, upstream, recordedDir)
  for (const name of names) await first(before, name)
  await expectSize(before, names.length)
  await before.stop()
  rmSync(join(recordedDir, 'cache'), { recursive: true, maxRetries: 3 })

  const servers = { unseen: await startUs(build, upstream, unseenDir), recorded: await startUs(build, upstream, recordedDir) }
  const samples: FirstRequest[] = []
  for (const [n, name] of names.entries()) {
    const sample: FirstRequest = { unseen: NaN, recorded: NaN }
    for (const which of n % 2 ? ['recorded', 'unseen'] as const : ['unseen', 'recorded'] as const) {
      sample[which] = await first(servers[which], name)
      await sleep(AFTERWARDS)
    }
    if (n >= WARM_UP) samples.push(sample)
  }
  await expectSize(servers.unseen, names.length)
  await expectSize(servers.recorded, names.length)
  await Promise.all([servers.unseen.stop(), servers.recorded.stop()])
  return samples
}

async function first(us: Peer, name: string): Promise<number> {
  const { status, body, milliseconds } = await ask(us.url + name, headers)
  if (status !== 200) throw new Error(`${name} is answered with ${status}: ${body.toString().slice(0, 300)}`)
  return milliseconds
}

/** Otherwise this measured something else. */
async function expectSize(us: Peer, packages: number): Promise<void> {
  const { size } = await headOf(us)
  // Of each package its versions, and where its tags stand.
  if (size !== packages * (VERSIONS + 1)) throw new Error(`the log has ${size} records after ${packages} packages of ${VERSIONS} versions: this build does not record what it serves`)
}
