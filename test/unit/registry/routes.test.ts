import { describe, expect, it } from 'vitest'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { createRoutes } from '../../../server/registry/index.ts'

const registry = (id: string, more: Partial<RegistryConfig> = {}): RegistryConfig =>
  ({ id, url: `https://${id}.example/`, namespace: `${id}.example`, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true }, ...more })

const routes = createRoutes({
  registries: [registry('m1', { role: 'mirror', of: 'npm' }), registry('npm'), registry('acme'), registry('m2', { role: 'mirror', of: 'npm' })],
  routes: [
    { match: ['@acme/public'], registry: 'npm' }, { match: ['@acme/*', 'acme-*'], registry: 'acme' }, { match: ['*'], registry: 'npm' },
  ],
  private: ['@acme/secret', 'acme-*'],
})

describe('routes', () => {
  it.each([
    ['x', 'npm'], ['@acme/x', 'acme'], ['@acme/public', 'npm'], ['acme-x', 'acme'], ['acme', 'npm'], ['acme-', 'npm'], ['@ACME/x', 'npm'],
    ['@acme-labs/x', 'npm'], ['@other/acme-x', 'npm'], ['__proto__', 'npm'],
  ])('%s belongs to %s', (name, id) => {
    expect(routes.authorityOf(name).id).toBe(id)
  })

  it('name the default authority, all authorities, and mirrors in their order', () => {
    expect(routes.default.id).toBe('npm')
    expect(routes.authorities.map(({ id }) => id)).toEqual(['npm', 'acme'])
    expect(routes.mirrorsOf(routes.default).map(({ id }) => id)).toEqual(['m1', 'm2'])
    expect(routes.mirrorsOf(routes.authorityOf('acme-x'))).toEqual([])
  })

  it('may name several authorities, and how many sources have to agree', () => {
    const several = createRoutes({
      registries: [registry('npm'), registry('acme'), registry('m1', { role: 'mirror', of: 'acme' })],
      routes: [{ match: ['both-*'], registry: ['acme', 'npm'] }, { match: ['*'], registry: 'npm', threshold: 2 }],
      private: [],
    })
    expect(several.authoritiesOf('both-x').map(({ id }) => id)).toEqual(['acme', 'npm'])
    expect(several.authoritiesOf('x').map(({ id }) => id)).toEqual(['npm'])
    expect([several.thresholdOf('both-x'), several.thresholdOf('x')]).toEqual([1, 2])
  })

  it('know the authority behind a registry', () => {
    expect(routes.authorityBehind(registry('m1', { role: 'mirror', of: 'npm' })).id).toBe('npm')
    expect(routes.authorityBehind(registry('acme')).id).toBe('acme')
  })

  it.each([['@acme/secret', true], ['acme-x', true], ['@acme/x', false], ['x', false], ['@acme/secrets', false]])('%s is private: %s', (name, isPrivate) => {
    expect(routes.isPrivate(name)).toBe(isPrivate)
  })

  it('need an authority', () => {
    expect(() => createRoutes({ registries: [registry('m', { role: 'mirror' })], routes: [], private: [] })).toThrow(/without an authority/)
  })
})
