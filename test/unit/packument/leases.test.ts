import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Document } from '../../../server/packument/document.ts'
import { createLeases } from '../../../server/packument/leases.ts'

function document() {
  const close = vi.fn<() => void>()
  const value: Document = {
    id: 'id', size: 2, summary: { name: 'x', tags: {}, versions: new Map(), unusable: [] }, dropped: [],
    render: () => Promise.reject(new Error('unused')), close,
  }
  return { value, close }
}
const never = () => Promise.reject(new Error('nothing had to be opened'))

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('an offered document', () => {
  it('is used instead of opening it again, and closed after that', async () => {
    const leases = createLeases()
    const { value, close } = document()
    leases.offer('a', value)
    expect(await leases.use('a', never, async used => used === value)).toBe(true)
    expect(close).toHaveBeenCalledOnce()
  })

  it('is closed after the last of several users, once', async () => {
    const leases = createLeases()
    const { value, close } = document()
    const [first, second] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()]
    leases.offer('a', value)
    const uses = [first, second].map(({ promise }) => leases.use('a', never, () => promise))
    first.resolve(1)
    await uses[0]
    expect(close).not.toHaveBeenCalled()
    second.resolve(2)
    await uses[1]
    vi.advanceTimersByTime(60_000)
    expect(close).toHaveBeenCalledOnce()
  })

  it('is closed when the work fails', async () => {
    const leases = createLeases()
    const { value, close } = document()
    leases.offer('a', value)
    await expect(leases.use('a', never, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(close).toHaveBeenCalledOnce()
  })

  it('is closed when nobody comes, but not under the hands of its user', async () => {
    const leases = createLeases()
    const [unused, used] = [document(), document()]
    leases.offer('a', unused.value)
    leases.offer('b', used.value)
    const working = Promise.withResolvers<number>()
    const use = leases.use('b', never, () => working.promise)
    vi.advanceTimersByTime(60_000)
    expect(unused.close).toHaveBeenCalledOnce()
    expect(used.close).not.toHaveBeenCalled()
    working.resolve(1)
    await use
    expect(used.close).toHaveBeenCalledOnce()
  })

  it('is closed at once when there is one already', () => {
    const leases = createLeases()
    const [first, second] = [document(), document()]
    leases.offer('a', first.value)
    leases.offer('a', second.value)
    expect(first.close).not.toHaveBeenCalled()
    expect(second.close).toHaveBeenCalledOnce()
  })
})

describe('without an offer', () => {
  it('a document is opened, used and closed', async () => {
    const leases = createLeases()
    const { value, close } = document()
    expect(await leases.use('a', async () => value, async used => used === value)).toBe(true)
    expect(close).toHaveBeenCalledOnce()
    await expect(leases.use('a', async () => value, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(close).toHaveBeenCalledTimes(2)
  })

  it('a document that does not open is an error', async () => {
    await expect(createLeases().use('a', () => Promise.reject(new Error('gone')), async () => 1)).rejects.toThrow('gone')
  })
})
