import { shallowRef } from 'vue'
import type { ShownCheck, ShownVersion } from '../verification/shown-version.ts'

/** Checks of versions in this browser, by version, as far as somebody asked for them. Cryptography is only loaded then. */
export function useRegistryVersionChecks() {
  const nuxtApp = useNuxtApp()
  const checks = shallowRef<ReadonlyMap<string, ShownCheck | 'running'>>(new Map())

  function note(version: string, check: ShownCheck | 'running') {
    checks.value = new Map(checks.value).set(version, check)
  }

  async function check(shown: ShownVersion): Promise<ShownCheck | undefined> {
    const { version } = shown
    if (checks.value.get(version) === 'running') return undefined
    note(version, 'running')
    const found = await look(shown)
    note(version, found)
    return found
  }

  async function look(shown: ShownVersion): Promise<ShownCheck> {
    try {
      const [{ checkShownVersion }, { useRegistryLog }] = await Promise.all([
        import('../verification/shown-version.ts'), import('./useRegistryLog.ts'),
      ])
      const { open } = await nuxtApp.runWithContext(() => useRegistryLog())
      return await checkShownVersion(open, shown)
    } catch (error) {
      // The program itself could not be loaded.
      return { outcome: 'unavailable', sentence: error instanceof Error ? error.message : String(error) }
    }
  }

  return { checks, check }
}
