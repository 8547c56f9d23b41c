import { fileURLToPath } from 'node:url'
import { defineNuxtModule } from '@nuxt/kit'
import type { Plugin } from 'vite'
import { flatten } from './vite/flatten.ts'

const layerDir = fileURLToPath(new URL('..', import.meta.url)).replaceAll('\\', '/')

/**
 * A host's UnoCSS looks for class names in every file that is built, and would find some in ours: rules for words that mean
 * something else here, in the host's own style sheet. It is kept away from our files; a host without it notices nothing.
 */
export default defineNuxtModule({
  meta: { name: 'registry:unocss' },
  setup(_options, nuxt) {
    // Its plugins are added in a hook that is registered in another one, each later than ours would be.
    nuxt.hook('modules:done', () => {
      nuxt.hook('build:before', () => {
        nuxt.hook('vite:extend', async ({ config }) => {
          for (const plugin of await flatten(config.plugins ?? [])) {
            if (plugin.name.startsWith('unocss:')) keepAway(plugin)
          }
        })
      })
    })
  },
})

const isOurs = (id: string) => id.replaceAll('\\', '/').startsWith(layerDir)

function keepAway(plugin: Plugin) {
  const { transform } = plugin
  if (!transform) return
  const handler = typeof transform === 'function' ? transform : transform.handler
  const limited: typeof handler = function (code, id, ...rest) {
    return isOurs(id) ? undefined : handler.call(this, code, id, ...rest)
  }
  plugin.transform = typeof transform === 'function' ? limited : { ...transform, handler: limited }
}
