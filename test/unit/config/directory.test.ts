import { expect, it } from 'vitest'
import { withFile } from './fixture.ts'

const MIRROR = { id: 'npmmirror', url: 'https://mirror.example/' }

it('a registry whose id is known may leave out what it is', async () => {
  const { registries } = await withFile({ registries: [{ id: 'npm', url: 'https://npm.example/' }, MIRROR] }).load()
  expect(registries).toMatchObject([{ id: 'npm', role: 'authority' }, { id: 'npmmirror', role: 'mirror', of: 'npm' }])
  expect(registries[0]).not.toHaveProperty('of')
})

it('what is written counts more than what is known', async () => {
  const own = { id: 'own', url: 'https://own.example/', role: 'authority' }
  const { registries } = await withFile({ registries: [own, { ...MIRROR, of: 'own' }, { id: 'github', url: 'https://copy.example/', role: 'mirror', of: 'own' }] }).load()
  expect(registries).toMatchObject([{ id: 'own' }, { role: 'mirror', of: 'own' }, { role: 'mirror', of: 'own' }])
})

it('a registry whose id is not known has to say what it is', async () => {
  const problems = await withFile({ registries: [{ id: 'npm', url: 'https://npm.example/' }, { id: 'mine', url: 'https://mine.example/' }] }).problems()
  expect(problems).toEqual(['registry.config.json: registries[1].role: is missing, and "mine" is not in the directory of known registries, which would say it. Use "authority" or "mirror".'])
})

it('a known mirror needs the authority it copies', async () => {
  const problems = await withFile({ registries: [{ id: 'own', url: 'https://own.example/', role: 'authority' }, MIRROR] }).problems()
  expect(problems).toEqual([expect.stringContaining('registries[1].of: "npm" is no registry')])
})
