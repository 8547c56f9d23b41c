import { defineNuxtModule } from '@nuxt/kit'
import type { NitroConfig } from 'nitropack/types'

const EVERY_MINUTE = '* * * * *'

/**
 * Has our tasks run: every minute one looks whether the sources are due to be measured. How often they are is the operator's
 * choice at run time, so it cannot be the schedule.
 */
export default defineNuxtModule({
  meta: { name: 'registry:tasks' },
  setup(_options, nuxt) {
    nuxt.hook('nitro:config', (config) => {
      // The hook's own type knows a part of it only.
      const nitro = config as NitroConfig
      nitro.experimental = { ...nitro.experimental, tasks: true }
      const others = [nitro.scheduledTasks?.[EVERY_MINUTE] ?? []].flat().filter(task => task !== undefined)
      nitro.scheduledTasks = { ...nitro.scheduledTasks, [EVERY_MINUTE]: [...others, 'registries:probe'] }
    })
  },
})
