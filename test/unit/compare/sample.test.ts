import { expect, it } from 'vitest'
import { drawSample, newestPackages, stratify, type Recorded } from '../../../server/compare/sample.ts'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { createRoutes } from '../../../server/registry/index.ts'
import { open, place, version } from '../log/fixture.ts'

const registry = (id: string, namespace: string): RegistryConfig =>
  ({ id, url: `https://${namespace}/`, namespace, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true } })
const NPM = registry('npm', 'npm.example')
const ACME = registry('acme', 'npm.acme.example')

const recorded = (name: string, index: number) => ({ index, record: { subject: { name, version: '1.0.0' } } }) as Recorded
const namesOf = (sample: readonly Recorded[]) => sample.map(({ record }) => record.subject.name)

it('takes of each stratum in turn, and each version once', () => {
  const [a, b, c, d] = ['a', 'b', '@s/c', 'd'].map(recorded) as [Recorded, Recorded, Recorded, Recorded]
  const strata = { recent: [a, b], asked: [a], scoped: [c], random: [a, b, c, d] }
  expect(namesOf(stratify(strata, 3))).toEqual(['a', '@s/c', 'b'])
  expect(namesOf(stratify(strata, 10)).toSorted()).toEqual(['@s/c', 'a', 'b', 'd'])
  expect(stratify({ recent: [], asked: [], scoped: [], random: [] }, 10)).toEqual([])
})

it('has only names that are public and routed to the authority now', async () => {
  const { log, close } = await open(place())
  const acme = (name: string) => {
    const draft = version(name, '1.0.0')
    return { ...draft, subject: { name, version: '1.0.0', namespace: 'npm.acme.example' } } as typeof draft
  }
  await log.record([
    ...Array.from({ length: 30 }, (_, n) => version(`p${n}`, '1.0.0')), version('@s/x', '1.0.0'), version('@secret/x', '1.0.0'), version('@acme/old', '1.0.0'),
    acme('@acme/x'), acme('p0'),
  ])
  const routes = createRoutes({ registries: [NPM, ACME], routes: [{ match: ['@acme/*'], registry: 'acme' }, { match: ['*'], registry: 'npm' }], private: ['@secret/*'] })
  const draw = (authority: RegistryConfig, prefixes: string[], asked?: string[]) =>
    drawSample(20, { authority, mirrors: [], prefixes }, { log, routes, ...(asked && { asked: () => asked }) })

  const ours = await draw(NPM, [''], ['p7', '@secret/x', '@acme/x'])
  expect(ours.length).toBeGreaterThan(10)
  expect(ours.length).toBeLessThanOrEqual(20)
  expect(new Set(namesOf(ours)).size).toBe(ours.length)
  expect(namesOf(ours)).toContain('p7')
  for (const { record: { subject: { name, namespace } } } of ours) {
    expect(name).toMatch(/^(?:p\d+|@s\/x)$/)
    expect(namespace).toBeUndefined()
  }
  // Rare among all records, and found all the same.
  expect((await draw(ACME, ['@acme/'])).map(({ record }) => record.subject)).toEqual([{ name: '@acme/x', namespace: 'npm.acme.example', version: '1.0.0' }])
  expect(await draw(ACME, [])).toEqual([])
  await close()
})

it('knows the packages that were recorded last, each once, with public names that are routed to the authority', async () => {
  const { log, close } = await open(place())
  await log.record([version('a', '1.0.0'), version('b', '1.0.0')])
  await log.record([version('a', '1.1.0')])
  await log.record([version('@secret/x', '1.0.0'), version('@acme/old', '1.0.0')])
  const routes = createRoutes({ registries: [NPM, ACME], routes: [{ match: ['@acme/*'], registry: 'acme' }, { match: ['*'], registry: 'npm' }], private: ['@secret/*'] })
  const newest = (authority: RegistryConfig, prefixes: string[]) =>
    newestPackages({ authority, mirrors: [], prefixes }, { log, routes })
  expect(await newest(NPM, [''])).toEqual([{ name: 'a' }, { name: 'b' }])
  expect(await newest(ACME, ['@acme/'])).toEqual([])
  await close()
})

it('of an empty log is empty', async () => {
  const { log, close } = await open(place())
  const routes = createRoutes({ registries: [NPM], routes: [], private: [] })
  expect(await drawSample(20, { authority: NPM, mirrors: [], prefixes: [''] }, { log, routes })).toEqual([])
  await close()
})
