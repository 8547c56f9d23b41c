import { fileURLToPath } from 'node:url'
import { defineNuxtModule, installModule } from '@nuxt/kit'

const layerDir = fileURLToPath(new URL('..', import.meta.url))

/**
 * What only the app on its own needs. A host brings its own lint rules, colour mode and global styles,
 * so none of this may happen when we are mounted as a layer.
 */
export default defineNuxtModule({
  meta: { name: 'registry:standalone' },
  async setup(_options, nuxt) {
    if (`${nuxt.options.rootDir}/` !== layerDir) return
    if (nuxt.options._prepare) {
      await installModule('@nuxt/eslint', {
        config: { stylistic: { semi: false, quotes: 'single', braceStyle: '1tbs' } },
      })
    }
  },
})
