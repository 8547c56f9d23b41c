import { ask } from '../../common/ask.ts'
import { nextMessage, startModule, tell } from '../../common/children.ts'
import type { Peer } from '../../common/peer.ts'
import { randomFrom } from '../../common/random.ts'
import { SHAPES } from '../../common/upstream/documents.ts'
import { headOf, sumdbOf } from '../sumdb.ts'
import type { Stream, StreamResult } from './streams.ts'

export interface Lookups {
  lookup: StreamResult
  checkpoint: StreamResult
  /** Records that were appended meanwhile, for a second. */
  appended: number
}

/** Requests a second. */
const RATES = { lookup: 500, checkpoint: 20, packument: 5 }
/** Seconds of the same that are not counted, with other names: the server was just started. */
const WARM_UP = 2

/**
 * Lookups of distinct versions in random order, each of them the first one since the server was started, while new packages are
 * asked for, whose versions are recorded.
 */
export async function measureLookups(us: Peer, upstream: string, subjects: readonly string[], seconds: number): Promise<Lookups> {
  const wanted = (WARM_UP + seconds) * RATES.lookup
  if (subjects.length < wanted) throw new Error(`${subjects.length} records are fewer than the ${wanted} that are looked up`)
  const random = randomFrom('lookups')
  const order = subjects.map(subject => ({ subject, at: random.between(0, 1e9) })).toSorted((a, b) => a.at - b.at)
  const { url } = sumdbOf(us)
  const lookups = order.slice(0, wanted).map(({ subject }) => `${url}lookup/npm/${subject}`)
  const packages = Array.from({ length: (WARM_UP + seconds) * RATES.packument }, (_, n) => `bench-few-lookups-${n}`)
  for (const name of packages) await ask(upstream + name)

  const asker = startModule('asker', new URL('./asker.ts', import.meta.url))
  await nextMessage(asker)
  const run = async (duration: number) => {
    const streams: Stream[] = [
      { name: 'lookup', rate: RATES.lookup, urls: lookups.splice(0, RATES.lookup * duration) },
      { name: 'checkpoint', rate: RATES.checkpoint, urls: Array.from({ length: RATES.checkpoint * duration }, () => `${url}checkpoint`) },
      { name: 'packument', rate: RATES.packument, urls: packages.splice(0, RATES.packument * duration).map(name => us.url + name) },
    ]
    return await tell(asker, { streams }) as StreamResult[]
  }
  await run(WARM_UP)
  const before = await headOf(us)
  const results = await run(seconds)
  const after = await headOf(us)
  await asker.stop()

  const failures = results.flatMap(result => result.failures)
  if (failures.length) throw new Error(`${failures.length} requests failed: ${failures[0]}`)
  const appended = after.size - before.size
  // Of each package its versions, and where its tags stand.
  const expected = RATES.packument * seconds * (SHAPES['bench-few'].versions + 1)
  if (appended !== expected) throw new Error(`${appended} records were appended meanwhile, not ${expected}`)
  const of = (name: string) => results.find(result => result.name === name)!
  return { lookup: of('lookup'), checkpoint: of('checkpoint'), appended: appended / seconds }
}
