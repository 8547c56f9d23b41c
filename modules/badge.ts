import { fileURLToPath } from 'node:url'
import { defineNuxtModule } from '@nuxt/kit'

/** What a host shows the facts of a package with. */
const HOST = 'PackageMetricsBadges'
/** What we call it behind our own. */
const ORIGINAL = 'RegistryHostMetricsBadges'
const wrapper = fileURLToPath(new URL('../app/guest/PackageMetricsBadges.vue', import.meta.url))

/** Puts our badge on the host's package pages, beside its own; does nothing where the host has none. */
export default defineNuxtModule({
  meta: { name: 'registry:badge' },
  setup(_options, nuxt) {
    nuxt.hook('components:extend', (components) => {
      const theirs = components.find(({ pascalName }) => pascalName === HOST)
      if (!theirs) return
      components.push({
        ...theirs, pascalName: ORIGINAL, kebabName: 'registry-host-metrics-badges', chunkName: 'components/registry-host-metrics-badges',
      })
      Object.assign(theirs, { filePath: wrapper, shortPath: wrapper, export: 'default' })
    })
  },
})
