import { nextMessage, startModule } from '../../common/children.ts'
import { ask } from '../../common/ask.ts'
import { startUs } from '../../common/us.ts'

/** Milliseconds of a first request for a document of a thousand signed versions, nothing of which is recorded. */
export type FirstSights = number[]

export const VERSIONS = 1_000
const WARM_UP = 3
const headers = { 'accept': 'application/json', 'accept-encoding': 'gzip' }

/** Packages that nobody asked for before, one after the other, at a server that is warm. */
export async function measureFirstSights(build: string, count: number): Promise<FirstSights> {
  const upstream = startModule('signing-upstream', new URL('../upstream.ts', import.meta.url))
  const { origin } = await nextMessage(upstream) as { origin: string }
  const names = Array.from({ length: WARM_UP + count }, (_, n) => `signed-${VERSIONS}-${n}`)
  // Signed and packed before anything is measured.
  for (const name of names) await ask(origin + name, headers)
  const us = await startUs(build, origin)
  const sights: FirstSights = []
  for (const [n, name] of names.entries()) {
    const { status, milliseconds, body } = await ask(us.url + name, headers)
    if (status !== 200) throw new Error(`${name} is answered with ${status}: ${body.toString().slice(0, 300)}`)
    if (n >= WARM_UP) sights.push(milliseconds)
  }
  const evidence = await (await fetch(new URL(`../sumdb/lookup/npm/${names.at(-1)!}@1.0.0`, us.url))).text()
  if (!evidence.includes('evidence signed')) throw new Error(`this build does not verify signatures:\n${evidence}`)
  await Promise.all([us.stop(), upstream.stop()])
  return sights
}
