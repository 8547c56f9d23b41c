import { defineNuxtModule } from '@nuxt/kit'

/**
 * The page of a record takes its `index`. Nuxt would take a file of that name for the page of its folder, so the parameter has
 * another name in the file's, and gets its own here.
 */
export default defineNuxtModule({
  meta: { name: 'registry:pages' },
  setup(_options, nuxt) {
    nuxt.hook('pages:extend', (pages) => {
      const entry = pages.find(({ path }) => path === '/registry/log/:entry()')
      if (entry) entry.path = '/registry/log/:index()'
    })
  },
})
