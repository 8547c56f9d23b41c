import type { RegistryConfig } from '../../../server/config/types.ts'
import type { View } from '../../../server/npm/index.ts'
import { createChoosable } from '../../../server/preferences/choosable.ts'
import { createRoutes, type Choice } from '../../../server/registry/index.ts'

const registry = (id: string, of?: string): RegistryConfig => ({
  id, url: `https://${id}.example/`, namespace: `${id}.example`, origin: 'test', tls: { rejectUnauthorized: true },
  role: of === undefined ? 'authority' : 'mirror', ...(of !== undefined && { of }),
})

/** `npm` with three mirrors, `acme`, which is partly private, and `vault` with a mirror, of which nobody is to know. */
export const CONFIG = {
  registries: [
    registry('npm'), registry('m1', 'npm'), registry('m2', 'npm'), registry('mirror-three', 'npm'), registry('acme'),
    registry('vault'), registry('vault-copy', 'vault'),
  ],
  routes: [
    { match: ['@vault/*'], registry: 'vault' }, { match: ['@acme/*', '@acme-labs/*'], registry: 'acme' }, { match: ['*'], registry: 'npm' },
  ],
  private: ['@vault/*', '@acme/*'],
  strategy: 'priority',
  tarballs: 'auto',
} as const

export const CHOOSABLE = createChoosable(CONFIG)

export const USUAL: Choice = { strategy: 'priority', order: [], disabled: new Set() }

export function everybodysView(base = 'https://registry.example/npm/'): View {
  return { base, routes: createRoutes(CONFIG), tarballs: 'auto', delivery: 'redirect', defaultHost: 'npm.example', choiceOf: () => USUAL }
}
