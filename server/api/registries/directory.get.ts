import type { KnownRegistry } from '../../../shared/types/registries.ts'
import { NPM_DEFAULT_REGISTRY } from '../../config/index.ts'
import { directory } from '../../directory/index.ts'
import { defineApiRoute } from '../../edge/api-route.ts'
import { isOnlyPrivate } from '../../registry/index.ts'

/** Registries that are known, whether they are used here or not. */
export default defineApiRoute({ route: 'api-registries', isOpen: true }, async ({ services: { config }, isOperator }) => {
  const isAllowed = await isOperator()
  const visible = config.registries.filter(one => isAllowed || !isOnlyPrivate(one, config))
  const registries = directory.map(({ url, ...entry }): KnownRegistry => ({
    ...entry,
    ...(url !== undefined && { url: NPM_DEFAULT_REGISTRY }),
    configured: visible.some(({ id }) => id === entry.id),
  }))
  return { registries }
})
