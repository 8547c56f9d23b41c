import { expect, it, vi } from 'vitest'
import { createSingleFlight } from '../../../server/single-flight.ts'

it('runs the same work once for everybody who asks meanwhile', async () => {
  const joined = vi.fn<(key: string) => void>()
  const flights = createSingleFlight<number>(joined)
  const { promise, resolve } = Promise.withResolvers<number>()
  const work = vi.fn<() => Promise<number>>(() => promise)
  const asked = Array.from({ length: 100 }, () => flights.run('a', work))
  expect(flights.running).toBe(1)
  resolve(7)
  expect(new Set(await Promise.all(asked))).toEqual(new Set([7]))
  expect(work).toHaveBeenCalledOnce()
  expect(joined).toHaveBeenCalledTimes(99)
  expect(flights.running).toBe(0)
})

it('keeps keys apart and remembers no result', async () => {
  const flights = createSingleFlight<number>()
  let n = 0
  const work = async () => ++n
  expect(await Promise.all([flights.run('a', work), flights.run('b', work)])).toEqual([1, 2])
  expect(await flights.run('a', work)).toBe(3)
})

it('fails for all, and not for those who come later', async () => {
  const flights = createSingleFlight<number>()
  const { promise, reject } = Promise.withResolvers<number>()
  const asked = [flights.run('a', () => promise), flights.run('a', () => promise)]
  reject(new Error('no'))
  for (const one of asked) await expect(one).rejects.toThrow('no')
  expect(await flights.run('a', async () => 1)).toBe(1)
})
