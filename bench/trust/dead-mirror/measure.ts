import { ask } from '../../common/ask.ts'
import { nextMessage, startModule } from '../../common/children.ts'
import { openLoop } from '../../common/open-loop.ts'
import { startUs } from '../../common/us.ts'

/** Milliseconds of warm redirects, round after round: with all mirrors, and with one of them dead. */
export interface Redirects {
  alive: number[]
  dead: number[]
  /** Shares of the authority and the three mirrors while all were there. */
  shares: number[]
}

const MIRRORS = 3
const OBJECTS = 240
/** Redirects a second: far below what we can, so that waiting is not what is measured. */
const RATE = 1_000

/** An authority with three mirrors, load spread over all four; then one mirror's process ends. */
export async function measureRedirects(build: string, seconds: number): Promise<Redirects> {
  const children = Array.from({ length: 1 + MIRRORS }, (_, n) => startModule(`source-${n}`, new URL('../upstream.ts', import.meta.url)))
  const origins = await Promise.all(children.map(async child => (await nextMessage(child) as { origin: string }).origin))
  const registries = origins.slice(1).map((url, n) => ({ id: `m${n + 1}`, url, role: 'mirror', of: 'bench' }))
  const us = await startUs(build, origins[0]!, undefined, { registries, strategy: 'spread' })
  const name = `signed-${OBJECTS}`
  const { body } = await ask(us.url + name)
  const urls = Object.keys((JSON.parse(body.toString()) as { versions: object }).versions).map(version => `${us.url}${name}/-/${name}-${version}.tgz`)

  const counts = new Map<string, number>(origins.map(origin => [origin, 0]))
  const redirect = async (n: number, counted = false) => {
    const { status, headers } = await ask(urls[n % urls.length]!)
    if (status !== 302) throw new Error(`a tarball is answered with ${status}`)
    const origin = `${new URL(headers.location!).origin}/`
    if (counted) counts.set(origin, (counts.get(origin) ?? 0) + 1)
  }
  /** Until everything that is learnt by asking has been learnt. */
  const warm = async () => {
    for (let n = 0; n < 3 * urls.length; n++) await redirect(n)
  }
  await warm()
  for (let n = 0; n < urls.length; n++) await redirect(n, true)
  const shares = origins.map(origin => counts.get(origin)! / urls.length)
  const alive = await openLoop(RATE * seconds, RATE, redirect)
  await children[1]!.stop()
  await warm()
  const dead = await openLoop(RATE * seconds, RATE, redirect)
  await Promise.all([us.stop(), ...children.map(child => child.stop())])
  return { alive, dead, shares }
}
