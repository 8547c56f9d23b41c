import { fileURLToPath } from 'node:url'
import { defineNuxtModule, installModule } from '@nuxt/kit'
import type { NitroConfig } from 'nitropack/types'

const layerDir = fileURLToPath(new URL('..', import.meta.url))
/** Of the server, for what a host does in its own way. */
const PLUGINS = [
  fileURLToPath(new URL('../server/edge/paint-first.ts', import.meta.url)),
  fileURLToPath(new URL('../server/edge/content-security-policy.ts', import.meta.url)),
  fileURLToPath(new URL('../server/edge/compression.ts', import.meta.url)),
]
/** Below the layer: what nearly every page uses. What only some need, as what verifies, is not for all of them to load. */
const COMMON = /^app\/(?:components\/Registry\/\w+\.|composables\/useRegistry(?:Copy|Data|Time)|display\/|icons|states\/)/
const FAVICON = 'data:image/svg+xml,%3Csvg xmlns=%27http://www.w3.org/2000/svg%27 viewBox=%270 0 16 16%27%3E'
  + '%3Cstyle%3E@media(prefers-color-scheme:dark){path{fill:%23f2f2ee}}%3C/style%3E'
  + '%3Cpath fill=%27%231a1b19%27 d=%27M1 1h14v14H9V5H7v10H1z%27/%3E%3C/svg%3E'

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

    // The stand-in that Nuxt UI registers without a colour mode would clash with the real one.
    nuxt.hook('imports:dirs', (dirs) => {
      const standIn = dirs.findIndex(dir => /@nuxt\/ui\/.*composables\/color-mode$/.test(dir))
      if (standIn !== -1) dirs.splice(standIn, 1)
    })
    // Its style element against transitions has no nonce: the policy for content would refuse it.
    await installModule('@nuxtjs/color-mode', { classSuffix: '', storageKey: 'registry-color-mode', disableTransition: false })

    // Pages are fetched when somebody is about to open them: a phone need not load all that a page links to.
    nuxt.options.experimental.defaults.nuxtLink.prefetchOn = { visibility: false, interaction: true }
    // Part of the server's own files, Vue comes without its compilers, which a start would load for nothing.
    nuxt.options.experimental.externalVue = false
    nuxt.hook('nitro:config', (options) => {
      // The hook's own type knows a part of it only.
      const config = options as NitroConfig
      config.compressPublicAssets = { gzip: true, brotli: true }
      // Behind the colour mode's, whose script has to be there before nonces are given. The development server has its own.
      if (!nuxt.options.dev) config.plugins = [...config.plugins ?? [], ...PLUGINS]
    })

    // One style sheet for all pages, asked for once: in each document it would be as large as what the document says.
    nuxt.options.features.inlineStyles = false
    nuxt.options.vite.build = { ...nuxt.options.vite.build, cssCodeSplit: false }

    nuxt.options.css.push(fileURLToPath(new URL('../app/assets/css/standalone.css', import.meta.url)))

    const { head } = nuxt.options.app
    head.htmlAttrs = { ...head.htmlAttrs, class: 'registry' }
    head.meta = [...head.meta ?? [], { name: 'color-scheme', content: 'light dark' }]
    head.link = [...head.link ?? [], { rel: 'icon', type: 'image/svg+xml', href: FAVICON }]

    // Nuxt leaves `shared/` to Nitro, by a relative path that leads nowhere: what pages use of it is part of them, as in a host.
    nuxt.hook('vite:extendConfig', ({ build }, { isServer }) => {
      const options = isServer ? build?.rolldownOptions : undefined
      if (!Array.isArray(options?.external)) return
      const shared = `${layerDir}shared/`
      options.external = options.external.filter(one => !(one instanceof RegExp && one.test(shared)))
    })

    // What the pages have in common is one file of scripts: two dozen of a kilobyte each would be as many requests.
    nuxt.hook('vite:extendConfig', ({ build }, { isClient }) => {
      const output = isClient ? build?.rolldownOptions?.output : undefined
      if (!output || Array.isArray(output)) return
      output.codeSplitting = {
        groups: [{ name: 'common', test: isCommon, minShareCount: 3, maxModuleSize: 16_000, includeDependenciesRecursively: false }],
      }
    })

    // Mounted, our pages live under `/registry` in the host's layout; alone, they have short addresses and ours.
    nuxt.hook('pages:extend', (pages) => {
      for (const page of pages) {
        page.meta = { ...page.meta, layout: 'registry' }
        if (!/^\/registry(?:\/|$)/.test(page.path)) continue
        page.alias = [page.path]
        page.path = page.path.slice('/registry'.length) || '/'
      }
    })
  },
})

const isCommon = (id: string) => id.startsWith(layerDir) && COMMON.test(id.slice(layerDir.length))
