import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import { defineNuxtModule } from '@nuxt/kit'

const layerDir = fileURLToPath(new URL('..', import.meta.url))

/**
 * In a host our pages are in its own layout: every page of it would prefetch ours, and the style sheet with it. A host without an
 * error page keeps the framework's.
 */
export default defineNuxtModule({
  meta: { name: 'registry:guest' },
  setup(_options, nuxt) {
    if (resolve(nuxt.options.rootDir) === resolve(layerDir)) return
    const isOurs = (file: string | null | undefined) => typeof file === 'string' && resolve(file).startsWith(resolve(layerDir))
    nuxt.hook('app:resolve', (app) => {
      if (isOurs(app.layouts.registry?.file)) delete app.layouts.registry
      if (isOurs(app.errorComponent)) app.errorComponent = resolve(nuxt.options.appDir, 'components/nuxt-error-page.vue')
    })
  },
})
