import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createBatch } from '../../../server/preferences/batch.ts'
import { createHolders, type Holders } from '../../../server/preferences/holders.ts'
import type { StoredProfile } from '../../../server/preferences/store.ts'

const stored = (token: string, content = '{}'): StoredProfile => ({ id: `id-${token}`, token, content, created: 0, updated: 0 })

let rows: Map<string, StoredProfile>
let asked: string[][]
let time: number
let isDown: boolean
let holders: Holders
const trouble = vi.fn<(what: string, error: unknown) => void>()

beforeEach(() => {
  rows = new Map()
  asked = []
  time = 0
  isDown = false
  trouble.mockClear()
  holders = createHolders({
    store: {
      async find(tokens) {
        asked.push([...tokens])
        const found = tokens.flatMap(token => rows.get(token) ?? [])
        await new Promise(resolve => setImmediate(resolve))
        if (isDown) throw new Error('the database is away')
        return found
      },
    },
    trouble,
    now: () => time,
  })
})

describe('a token that is known', () => {
  it('is answered at once, with the same profile, until another process may have changed it', async () => {
    rows.set('a', stored('a', '{"tarballs":"self"}'))
    const first = holders.get('a')
    expect(first).toBeInstanceOf(Promise)
    expect(await first).toEqual({ id: 'id-a', content: { tarballs: 'self' } })
    time = 29_999
    expect(holders.get('a')).toBe(await first)
    expect(asked).toEqual([['a']])
    time = 30_000
    const second = holders.get('a')
    expect(second).toBeInstanceOf(Promise)
    expect(await second).toBe(await first)
    rows.set('a', stored('a', '{"tarballs":"auto"}'))
    time = 60_001
    expect(await holders.get('a')).toEqual({ id: 'id-a', content: { tarballs: 'auto' } })
    rows.delete('a')
    time = 100_000
    expect(await holders.get('a')).toBeUndefined()
  })

  it('is changed and removed at once in this process', async () => {
    rows.set('a', stored('a'))
    await holders.get('a')
    holders.changed('a', stored('a', '{"strategy":"spread"}'))
    expect(holders.get('a')).toEqual({ id: 'id-a', content: { strategy: 'spread' } })
    holders.changed('a', undefined)
    expect(holders.get('a')).toBeUndefined()
  })

  it('does not come back with what was read before it was removed', async () => {
    rows.set('a', stored('a'))
    const reading = holders.get('a')
    rows.delete('a')
    holders.changed('a', undefined)
    await reading
    expect(await holders.get('a')).toBeUndefined()
    rows.set('b', stored('b', '{"strategy":"spread"}'))
    const other = holders.get('b')
    holders.changed('b', stored('b', '{"strategy":"fastest"}'))
    await other
    expect(holders.get('b')).toMatchObject({ content: { strategy: 'fastest' } })
  })

  it('goes on while the database does not answer, and others hear that it does not', async () => {
    rows.set('a', stored('a'))
    const profile = await holders.get('a')
    isDown = true
    time = 40_000
    expect(await holders.get('a')).toBe(profile)
    expect(trouble).toHaveBeenCalledOnce()
    expect(holders.get('a')).toBe(profile)
    await expect(holders.get('b')).rejects.toThrow('away')
    isDown = false
    expect(await holders.get('b')).toBeUndefined()
  })
})

describe('a token that is nobody\'s', () => {
  it('is not asked for again for a while', async () => {
    expect(await holders.get('x')).toBeUndefined()
    expect(holders.get('x')).toBeUndefined()
    time = 31_000
    expect(await holders.get('x')).toBeUndefined()
    expect(asked).toEqual([['x'], ['x']])
  })

  it('shares its query with all others that come meanwhile, and pushes out nobody\'s profile', async () => {
    rows.set('a', stored('a'))
    const profile = await holders.get('a')
    asked = []
    await Promise.all(Array.from({ length: 30_000 }, (_, n) => holders.get(`x${n}`)))
    expect(asked.length).toBeLessThanOrEqual(61)
    expect(Math.max(...asked.map(tokens => tokens.length))).toBe(500)
    expect(holders.get('a')).toBe(profile)
    // The oldest of so many are forgotten.
    expect(holders.get('x29999')).toBeUndefined()
    expect(holders.get('x0')).toBeInstanceOf(Promise)
  })
})

it('asks one question at a time, and goes on after one that fails', async () => {
  let running = 0
  let most = 0
  const find = createBatch(async (keys: readonly string[]) => {
    most = Math.max(most, ++running)
    await new Promise(resolve => setImmediate(resolve))
    running--
    if (keys.includes('bad')) throw new Error('no')
    return new Map(keys.map(key => [key, key.length]))
  }, 2)
  const answers = await Promise.allSettled(['a', 'bad', 'ccc', 'ccc', 'dddd'].map(find))
  // The first one goes alone.
  expect(answers.map(answer => answer.status === 'fulfilled' ? answer.value : 'failed')).toEqual([1, 'failed', 'failed', 'failed', 4])
  expect(await find('ccc')).toBe(3)
  expect(most).toBe(1)
})
