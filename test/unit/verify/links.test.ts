import { expect, it } from 'vitest'
import type { RegistryConfig, Severity } from '../../../server/config/types.ts'
import { createRoutes } from '../../../server/registry/index.ts'
import { createLinks } from '../../../server/verify/links.ts'
import { claim, createBench, summary, upstream } from './bench.ts'

const registry = (id: string, more: Partial<RegistryConfig> = {}): RegistryConfig => ({ ...upstream(id, `${id}.example`).registry, ...more })
const npm = registry('npm')
const acme = registry('acme', { links: ['partner'] })
const partner = registry('partner', { links: ['npm'] })
const sealed = registry('sealed', { links: [] })
const routes = createRoutes({
  registries: [npm, acme, partner, sealed],
  routes: [
    { match: ['@acme/*', '@private/acme-*'], registry: 'acme' }, { match: ['@partner/*', '@private/partner-*'], registry: 'partner' },
    { match: ['@sealed/*'], registry: 'sealed' }, { match: ['@both/*'], registry: ['acme', 'partner'] }, { match: ['@mixed/*'], registry: ['acme', 'npm'] },
  ],
  private: ['@private/*', '@acme/secret'],
})

/** A look at a package of a registry whose versions lead to these names. */
async function look(
  from: RegistryConfig, links: Record<string, string[]>, { policy = 'deny' as Severity, name = '@acme/x' } = {},
) {
  const bench = createBench({
    stepsOf: ({ observer }) => ({ rules: [createLinks({ routes, policy, observer })] }),
    // Private names are pinned.
    pins: { versionsOf: async () => new Map(), record: async drafts => drafts.map(draft => ({ record: { ...draft, recorded: '' }, isNew: true })) },
  })
  const versions = Object.fromEntries(Object.entries(links).map(([version, links]) => [version, claim(version, { links })]))
  const document = () => summary({ ...versions }, { name })
  const judge = () => bench.judge({ ...upstream(), registry: from }, document())
  const verdict = await judge()
  return { ...verdict, bench, judge, document }
}

it.each<[what: string, from: RegistryConfig, target: string]>([
  ['itself', acme, '@acme/y'],
  ['what it links to', acme, '@partner/y'],
  ['a name that is one of both', acme, '@both/y'],
  ['anything', npm, '@acme/y'],
  ['no registry, without limits', npm, '!y@git://git.example/y'],
  ['its own private names', acme, '@acme/secret'],
])('a dependency may lead to %s', async (_, from, target) => {
  expect((await look(from, { '1.0.0': [target] })).withheld.size).toBe(0)
})

it.each<[what: string, from: RegistryConfig, target: string, where: string]>([
  ['what its registry does not link to', acme, 'left-pad', '"left-pad", which is routed to registry "npm" (npm.example)'],
  ['what only those may link to that it links to', acme, '@sealed/y', '"@sealed/y", which is routed to registry "sealed" (sealed.example)'],
  ['a name that may be in another registry', acme, '@mixed/y', '"@mixed/y", which is routed to registry "npm" (npm.example)'],
  ['anybody else, from a registry that links to nobody', sealed, '@acme/y', '"@acme/y", which is routed to registry "acme" (acme.example)'],
  ['what no registry resolves', acme, '!y@git+https://git.example/y', '"y@git+https://git.example/y", which no registry resolves'],
  ['a private name of another registry', acme, '@private/partner-y', '"@private/partner-y", which is routed to registry "partner" (partner.example)'],
  ['a name of JavaScript', acme, '__proto__', '"__proto__", which is routed to registry "npm" (npm.example)'],
  ['a name with control characters', acme, 'a\n\u001b[2J', '"a\\n\\u001b[2J", which is routed to registry "npm" (npm.example)'],
])('a dependency must not lead to %s', async (_, from, target, where) => {
  const { withheld, retryAt } = await look(from, { '1.0.0': ['@acme/z', target].slice(from === sealed ? 1 : 0), '1.1.0': [] })
  expect([...withheld.keys()]).toEqual(['1.0.0'])
  expect(withheld.get('1.0.0')).toMatchObject({ code: 'LINK_DENIED', status: 403 })
  const { message } = withheld.get('1.0.0')!
  expect(message).toContain(`@acme/x@1.0.0 depends on ${where}, but packages of registry "${from.id}"`)
  expect(message).toContain(from === sealed ? 'only on those of itself. ' : 'only on those of itself and "partner". ')
  expect(retryAt).toBe(Infinity)
})

it('a private package may depend on the private names of a registry that its own links to', async () => {
  expect((await look(acme, { '1.0.0': ['@private/partner-y'] }, { name: '@private/acme-x' })).withheld.size).toBe(0)
  expect((await look(acme, { '1.0.0': ['left-pad'] }, { name: '@private/acme-x' })).withheld.size).toBe(1)
})

it('a version that is denied stays so, and one that is not is not looked at again', async () => {
  const { bench, document, ...verdict } = await look(acme, { '1.0.0': ['left-pad'], '1.1.0': [] })
  const { withheld } = await bench.judge({ ...upstream(), registry: acme }, document(), { summary: document(), verdict })
  expect([...withheld.keys()]).toEqual(['1.0.0'])
  expect(bench.seen.withheld).toEqual([['LINK_DENIED', 1]])
})

it('where policy only warns, everything is served, and noted once for each version', async () => {
  const { withheld, bench, judge } = await look(acme, { '1.0.0': ['left-pad'], '1.1.0': [], '1.2.0': ['!y@file:../y'] }, { policy: 'warn' })
  expect(withheld.size).toBe(0)
  await judge()
  expect(bench.seen.noted).toEqual([['link', expect.stringMatching(/^@acme\/x@1\.0\.0 depends on "left-pad"/), '@acme/x', 2]])
  expect(bench.incidents).toEqual([])
})

it('no private name is noted', async () => {
  const { bench } = await look(acme, { '1.0.0': ['@private/partner-y'] }, { policy: 'warn' })
  expect(bench.seen.noted).toHaveLength(1)
  expect(JSON.stringify(bench.seen.noted)).not.toContain('partner-y')
})

it('a document that was read without its links is a mistake, not a package without dependencies', async () => {
  const bench = createBench({ stepsOf: ({ observer }) => ({ rules: [createLinks({ routes, policy: 'deny', observer })] }) })
  await expect(bench.judge({ ...upstream(), registry: acme }, summary({ '1.0.0': claim('a') }))).rejects.toThrow(/without its links/)
})
