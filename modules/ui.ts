import { fileURLToPath } from 'node:url'
import { defineNuxtModule } from '@nuxt/kit'
import type { Plugin, PluginOption } from 'vite'
import { icons } from '../app/icons.ts'

const styles = fileURLToPath(new URL('../app/assets/css/', import.meta.url)).replaceAll('\\', '/')
const OUR_STYLE = new RegExp(`^${styles.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[\\w-]+\\.css(?:\\?.*)?$`)

/**
 * Makes Nuxt UI a good guest. Tailwind would transform every style sheet of a host, and fails on the
 * `@apply` of another engine: it is limited to ours, except in a host that uses Nuxt UI itself. Our
 * icons go into the client bundle, because a host may not answer requests for icons at run time.
 */
export default defineNuxtModule({
  meta: { name: 'registry:ui' },
  setup(_options, nuxt) {
    nuxt.hook('icon:clientBundleIcons', (bundle) => {
      for (const icon of Object.values(icons)) bundle.add(icon)
    })

    // An icon awaits its data in `onServerPrefetch`, and Vue counts component ids anew behind such a
    // component. The browser build drops the call, counts differently, and ids that one element has and
    // another refers to (tab and panel) no longer meet. Keeping the call keeps the counts equal.
    const shaken = nuxt.options.optimization.treeShake.composables.client
    if (shaken.vue) shaken.vue = shaken.vue.filter(name => name !== 'onServerPrefetch')

    const isOurs = (directory: string) => styles.startsWith(`${directory.replaceAll('\\', '/').replace(/\/$/, '')}/`)
    const hostUsesUi = nuxt.options._layers
      .some(layer => !isOurs(layer.cwd) && layer.config.modules?.some(module => module === '@nuxt/ui'))
    if (hostUsesUi) return

    // Runs after the hook of Nuxt UI that adds the plugin: modules of ours are set up after listed ones.
    nuxt.hook('vite:extend', async ({ config }) => {
      for (const plugin of await flatten(config.plugins ?? [])) {
        if (plugin.name.startsWith('@tailwindcss/vite:generate')) limit(plugin)
      }
    })
  },
})

function limit(plugin: Plugin) {
  if (typeof plugin.transform !== 'object' || typeof plugin.transform.filter?.id !== 'object') {
    throw new TypeError(`The transform of ${plugin.name} has no filter to limit: adapt modules/ui.ts to its version.`)
  }
  plugin.transform.filter.id = { ...plugin.transform.filter.id, include: [OUR_STYLE] }
}

async function flatten(options: PluginOption[]): Promise<Plugin[]> {
  const plugins: Plugin[] = []
  for (const option of options) {
    const resolved = await option
    if (Array.isArray(resolved)) plugins.push(...await flatten(resolved))
    else if (resolved) plugins.push(resolved)
  }
  return plugins
}
