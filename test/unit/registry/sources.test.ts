import { describe, expect, it } from 'vitest'
import type { RegistryConfig, Strategy } from '../../../server/config/types.ts'
import { RegistryError } from '../../../server/errors.ts'
import { createHealthBook, createQuarantine, createSources } from '../../../server/registry/index.ts'

const registry = (id: string, more: Partial<RegistryConfig> = {}): RegistryConfig =>
  ({ id, url: `https://${id}.example/`, namespace: `${id}.example`, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true }, ...more })
const mirror = (id: string) => registry(id, { role: 'mirror', of: 'npm' })

const npm = registry('npm')
const [near, far] = [mirror('near'), mirror('far')]

function bench({ registries = [npm, near, far], random }: { registries?: RegistryConfig[], random?: () => number } = {}) {
  const time = { now: 0 }
  const health = createHealthBook(() => time.now)
  const quarantine = createQuarantine()
  const knocked: string[] = []
  const knocks: PromiseWithResolvers<unknown>[] = []
  const sources = createSources({
    registries, health, quarantine, random,
    subjectOf: (authority, name, version) => `${authority.id}:${name}@${version}`,
    knock({ id }) {
      knocked.push(id)
      const knock = Promise.withResolvers<unknown>()
      knocks.push(knock)
      return knock.promise
    },
  })
  const ids = (strategy: Strategy, { name = 'x', version = '1.0.0', order = [] as string[], disabled = [] as string[] } = {}) =>
    sources.for(npm, name, version, { strategy, order, disabled: new Set(disabled) }).map(({ id }) => id)
  const fail = (one: RegistryConfig) => {
    for (let n = 0; n < 3; n++) health.failed(one, new RegistryError('UPSTREAM_UNAVAILABLE', 'It cannot be reached.'))
  }
  return { time, health, quarantine, sources, knocked, knocks, ids, fail }
}

describe('the sources of an authority', () => {
  it('are itself and its mirrors, as configured', () => {
    const other = registry('other')
    const { sources, ids } = bench({ registries: [far, other, npm, near, registry('of-other', { role: 'mirror', of: 'other' })] })
    expect(ids('priority')).toEqual(['far', 'npm', 'near'])
    expect(sources.for(other, 'x', '1.0.0', { strategy: 'priority', order: [], disabled: new Set() }).map(({ id }) => id)).toEqual(['other', 'of-other'])
  })

  it.each(['priority', 'fastest', 'spread'] as const)('come in the wished order first, and without the disabled ones: %s', (strategy) => {
    const { ids } = bench()
    for (let n = 0; n < 20; n++) {
      const name = `x${n}`
      expect(ids(strategy, { name, order: ['far', 'nobody', 'near'] })).toEqual(['far', 'near', 'npm'])
      expect(ids(strategy, { name, order: ['far'], disabled: ['npm', '__proto__'] })).toEqual(['far', 'near'])
      expect(ids(strategy, { name, disabled: ['npm', 'near', 'far'] })).toEqual([])
    }
  })

  it.each(['priority', 'fastest', 'spread'] as const)('come last while they do not answer, whoever wishes for them: %s', (strategy) => {
    const { ids, fail } = bench()
    fail(npm)
    for (let n = 0; n < 20; n++) {
      expect(ids(strategy, { name: `x${n}` }).at(-1)).toBe('npm')
      expect(ids(strategy, { name: `x${n}`, order: ['npm'] }).at(-1)).toBe('npm')
    }
    fail(near)
    fail(far)
    expect(ids(strategy).toSorted()).toEqual(['far', 'near', 'npm'])
  })

  it('are without one that lied about this version, and about no other', () => {
    const { ids, quarantine } = bench()
    quarantine.add('near', 'npm:x@1.0.0')
    expect(ids('priority')).toEqual(['npm', 'far'])
    expect(ids('priority', { version: '1.0.1' })).toEqual(['npm', 'near', 'far'])
    expect(ids('priority', { name: 'y' })).toEqual(['npm', 'near', 'far'])
    for (const id of ['npm', 'far']) quarantine.add(id, 'npm:x@1.0.0')
    expect(ids('priority')).toEqual([])
    quarantine.lift('near', 'npm:x@1.0.0')
    expect(ids('priority')).toEqual(['near'])
  })
})

describe('spreading', () => {
  const objects = Array.from({ length: 3_000 }, (_, n) => ({ name: `package-${n % 300}`, version: `1.${n % 7}.${n}` }))
  const firsts = (ids: ReturnType<typeof bench>['ids']) => objects.map(object => ids('spread', object)[0]!)

  it('gives each source its share', () => {
    const { ids } = bench()
    const counts = Map.groupBy(firsts(ids), id => id)
    for (const id of ['npm', 'near', 'far']) {
      expect(counts.get(id)!.length).toBeGreaterThan(850)
      expect(counts.get(id)!.length).toBeLessThan(1150)
    }
  })

  it('gives an object to the same source every time, in whatever order they are configured', () => {
    expect(firsts(bench().ids)).toEqual(firsts(bench({ registries: [far, npm, near] }).ids))
  })

  it('moves the share of a source that died, evenly, and nothing else', () => {
    const { ids, fail } = bench()
    const before = firsts(ids)
    fail(near)
    const after = firsts(ids)
    const moved = before.flatMap((id, n) => id === after[n] ? [] : [{ from: id, to: after[n] }])
    expect(moved.every(({ from }) => from === 'near')).toBe(true)
    expect(moved).toHaveLength(before.filter(id => id === 'near').length)
    const toNpm = moved.filter(({ to }) => to === 'npm').length
    expect(toNpm / moved.length).toBeGreaterThan(0.42)
    expect(toNpm / moved.length).toBeLessThan(0.58)
  })
})

describe('taking the fastest', () => {
  it('prefers the faster one of two', () => {
    const { ids, health } = bench({ registries: [npm, near] })
    health.answered(npm, 200, 50)
    health.answered(near, 200, 10)
    for (let n = 0; n < 20; n++) expect(ids('fastest')).toEqual(['near', 'npm'])
    for (let n = 0; n < 20; n++) health.answered(near, 200, 300)
    expect(ids('fastest')).toEqual(['npm', 'near'])
  })

  it('prefers the one that answers', () => {
    const { ids, health } = bench({ registries: [npm, near] })
    for (let n = 0; n < 10; n++) {
      health.answered(npm, 200, 15)
      health.answered(near, 200, 10)
    }
    for (let n = 0; n < 2; n++) health.answered(near, 500, 1)
    expect(ids('fastest')).toEqual(['npm', 'near'])
  })

  it('draws two of many: the slowest is never first, the best not always', () => {
    let state = 1
    // Park and Miller's generator: the same draws every time.
    const { ids, health } = bench({ random: () => (state = state * 48_271 % 0x7fffffff) / 0x7fffffff })
    for (const [one, latency] of [[npm, 30], [near, 10], [far, 20]] as const) health.answered(one, 200, latency)
    const all = Array.from({ length: 600 }, () => ids('fastest'))
    const count = (id: string) => all.filter(([first]) => first === id).length
    expect(count('npm')).toBe(0)
    expect(count('near')).toBeGreaterThan(count('far'))
    expect(count('far')).toBeGreaterThan(100)
    expect(all.every(([first, second]) => first === 'near' ? second === 'far' : second === 'near')).toBe(true)
  })
})

describe('a source that failed', () => {
  it('is tried once when it is time, behind the requests', () => {
    const { ids, fail, time, knocked, knocks, health } = bench()
    fail(near)
    time.now = 29_999
    ids('priority')
    expect(knocked).toEqual([])
    time.now = 30_000
    for (let n = 0; n < 5; n++) expect(ids('priority')).toEqual(['npm', 'far', 'near'])
    expect(knocked).toEqual(['near'])
    health.answered(near, 200, 5)
    knocks[0]!.resolve(true)
    expect(ids('priority')).toEqual(['npm', 'near', 'far'])
  })
})

describe('who is sent to a source', () => {
  it('has it asked for a sign of life now and then, one at a time', async () => {
    const { sources, health, time, knocked, knocks } = bench()
    sources.sent(near, 'x', '1.0.0')
    sources.sent(near, 'y', '1.0.0')
    expect(knocked).toEqual(['near'])
    health.answered(near, 200, 5)
    knocks[0]!.resolve(true)
    await knocks[0]!.promise
    time.now = 14_000
    sources.sent(near, 'x', '1.0.0')
    expect(knocked).toHaveLength(1)
    time.now = 15_001
    sources.sent(near, 'x', '1.0.0')
    expect(knocked).toHaveLength(2)
  })

  it('and soon again after it failed', async () => {
    const { sources, health, time, knocked } = bench()
    health.failed(near, new RegistryError('UPSTREAM_UNAVAILABLE', 'It cannot be reached.'))
    sources.sent(near, 'x', '1.0.0')
    expect(knocked).toEqual([])
    time.now = 1_001
    sources.sent(near, 'x', '1.0.0')
    expect(knocked).toEqual(['near'])
  })
})
