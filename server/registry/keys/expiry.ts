import type { RegistryKey } from '../../../shared/record/index.ts'

/**
 * SPEC: npm: a key that expired verifies only what was published before. What has no usable time of publication counts as
 * published now.
 * @param now milliseconds since the epoch
 */
export function isExpired({ expires }: RegistryKey, published: string | undefined, now: number): boolean {
  if (expires === undefined) return false
  const at = Date.parse(published ?? '')
  return Date.parse(expires) <= (Number.isNaN(at) ? now : at)
}
