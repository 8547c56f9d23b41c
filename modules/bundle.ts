import { defineNuxtModule } from '@nuxt/kit'
import type { NitroConfig } from 'nitropack/types'

/**
 * Libraries that become part of the server's own files. Node looks for modules one by one, and reads the package.json of each:
 * that of drizzle-orm, 180 kB of exports, took a start half a second of processor time.
 */
const INLINE = ['drizzle-orm']

/** What the server's bundle needs, alone and in a host. */
export default defineNuxtModule({
  meta: { name: 'registry:bundle' },
  setup(_options, nuxt) {
    nuxt.hook('nitro:config', (config) => {
      // The hook's own type knows a part of it only.
      const { externals } = config as NitroConfig
      Object.assign(config, { externals: { ...externals, inline: [...externals?.inline ?? [], ...INLINE] } })
    })
  },
})
