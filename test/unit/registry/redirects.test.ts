import { expect, it } from 'vitest'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { createRedirects } from '../../../server/registry/redirects.ts'

const registry = (id: string, of?: string) => ({ id, ...(of !== undefined && { of }) }) as RegistryConfig

it('counts redirects by source, of those of its authority and mirrors', () => {
  const [npm, north, acme] = [registry('npm'), registry('north', 'npm'), registry('acme')]
  const redirects = createRedirects()
  expect(redirects.of(npm)).toEqual({ count: 0, of: 0, share: null })
  for (const one of [npm, north, npm, npm, acme]) redirects.note(one)
  expect(redirects.of(npm)).toEqual({ count: 3, of: 4, share: 0.75 })
  expect(redirects.of(north)).toEqual({ count: 1, of: 4, share: 0.25 })
  expect(redirects.of(acme)).toEqual({ count: 1, of: 1, share: 1 })
})
