import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Database } from '../../../server/database/index.ts'
import { createTakedowns, REFRESH, type Takedowns } from '../../../server/verify/takedowns.ts'
import type { Look } from '../../../server/verify/types.ts'
import { formatPurl, type PackageSubject } from '../../../shared/record/index.ts'
import { createTestDatabase, type TestDatabase } from '../incidents/fixture.ts'
import { claim, summary, upstream } from './bench.ts'

let test: TestDatabase
let open: Takedowns[]
beforeEach(async () => {
  test = await createTestDatabase()
  open = []
})
afterEach(async () => {
  vi.useRealTimers()
  for (const takedowns of open) takedowns.close()
  await test.remove()
})

async function start(database: Database = test.database) {
  const changed: string[] = []
  const takedowns = await createTakedowns({
    database,
    changed: packages => changed.push(...packages.map(formatPurl)),
    trouble: (what, error) => {
      throw new Error(what, { cause: error })
    },
  })
  open.push(takedowns)
  return { takedowns, changed }
}

function look(subject: PackageSubject, ...versions: string[]): Look {
  const seen = summary(Object.fromEntries(versions.map(version => [version, claim(version)])), { name: subject.name })
  const { name } = subject
  return { name, subject, isPrivate: false, upstream: upstream(), summary: seen, open: seen.versions, standing: new Map() }
}
const X = { name: '@s/x', version: '1.0.0+b' }
const WHY = { reason: 'A court said so.', by: 'me' }
const withheld = async ({ rule }: Takedowns, at: Look) =>
  [...await rule(at)].map(([version, { why }]) => [version, why.status, why.message])

describe('a version that is taken down', () => {
  it('is withheld with the reason, and nothing else is', async () => {
    const { takedowns, changed } = await start()
    expect(await withheld(takedowns, look({ name: '@s/x' }, '1.0.0+b'))).toEqual([])
    await takedowns.add([X], WHY)
    expect(changed).toEqual(['pkg:npm/%40s/x'])
    expect(await withheld(takedowns, look({ name: '@s/x' }, '1.0.0+b', '1.0.0'))).toEqual([
      ['1.0.0+b', 451, '@s/x@1.0.0+b was taken down by the operator of this registry: A court said so.'],
    ])
    expect(await withheld(takedowns, look({ name: '@s/x', namespace: 'acme.example' }, '1.0.0+b'))).toEqual([])
    expect(await withheld(takedowns, look({ name: '@s/y' }, '1.0.0+b'))).toEqual([])
    expect(takedowns.has('pkg:npm/%40s/x@1.0.0%2Bb')).toBe(true)
  })

  it('can get another reason, and come back', async () => {
    const { takedowns, changed } = await start()
    await takedowns.add([X], WHY)
    await takedowns.add([X], { reason: 'Another one.', by: 'you' })
    expect(await takedowns.list()).toMatchObject([{ subject: 'pkg:npm/%40s/x@1.0.0%2Bb', reason: 'Another one.', by: 'you' }])
    expect((await withheld(takedowns, look({ name: '@s/x' }, '1.0.0+b')))[0]![2]).toContain('Another one.')
    expect(await takedowns.remove([X])).toBe(true)
    expect(await takedowns.remove([X])).toBe(false)
    expect(await withheld(takedowns, look({ name: '@s/x' }, '1.0.0+b'))).toEqual([])
    expect(changed.length).toBeGreaterThanOrEqual(2)
  })

  it('is taken down after a restart, and soon in other processes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const one = await start()
    const two = await start(await test.another())
    await one.takedowns.add([X], WHY)
    const three = await start(await test.another())
    expect(three.takedowns.has('pkg:npm/%40s/x@1.0.0%2Bb')).toBe(true)
    expect(REFRESH).toBeLessThan(30_000)
    vi.advanceTimersByTime(REFRESH)
    await vi.waitFor(() => expect(two.changed).toEqual(['pkg:npm/%40s/x']), { timeout: 5_000 })
    expect(two.takedowns.has('pkg:npm/%40s/x@1.0.0%2Bb')).toBe(true)
    await one.takedowns.remove([X])
    vi.advanceTimersByTime(REFRESH)
    await vi.waitFor(() => expect(two.changed).toHaveLength(2), { timeout: 5_000 })
    expect(await withheld(two.takedowns, look({ name: '@s/x' }, '1.0.0+b'))).toEqual([])
  })
})
