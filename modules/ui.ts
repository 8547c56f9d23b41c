import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addTemplate, addTypeTemplate, defineNuxtModule } from '@nuxt/kit'
import type { Nuxt } from 'nuxt/schema'
import type { Plugin } from 'vite'
import { icons } from '../app/icons.ts'
import { flatten } from './vite/flatten.ts'

const layerDir = fileURLToPath(new URL('..', import.meta.url))
const styles = fileURLToPath(new URL('../app/assets/css/', import.meta.url)).replaceAll('\\', '/')
const OUR_STYLE = new RegExp(`^${styles.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[\\w-]+\\.css(?:\\?.*)?$`)
/** Of Nuxt UI: a plugin, and the one rule of its style sheet for what is not inside of our pages. */
const COLORS = /@nuxt\/ui\/.*\/plugins\/colors/
const BODY_RULE = /@layer base \{\s*body \{[^}]*\}\s*\}/

/**
 * Makes Nuxt UI a good guest. Tailwind would transform every style sheet of a host, and fails on the
 * `@apply` of another engine: it is limited to ours, except in a host that uses Nuxt UI itself. Our
 * icons are part of the build, because a host may not answer requests for icons at run time.
 */
export default defineNuxtModule({
  meta: { name: 'registry:ui' },
  setup(_options, nuxt) {
    addTemplate({ filename: 'registry-icons.mjs', getContents: () => `export const bodies = ${JSON.stringify(bodiesOf(Object.values(icons)))}\n` })
    addTypeTemplate({
      filename: 'types/registry-icons.d.ts',
      getContents: () => `declare module '#build/registry-icons.mjs' {\n  export const bodies: Readonly<Record<string, string>>\n}\n`,
    })

    const hostUsesUi = nuxt.options._layers
      .some(layer => resolve(layer.cwd) !== resolve(layerDir) && layer.config.modules?.some(module => module === '@nuxt/ui'))
    if (hostUsesUi) return

    // It puts its palette into the head of every page of a host's; ours have their own colours.
    nuxt.options.plugins = nuxt.options.plugins.filter(plugin => !COLORS.test(typeof plugin === 'string' ? plugin : plugin.src))
    if (resolve(nuxt.options.rootDir) !== resolve(layerDir)) leaveAlone(nuxt)

    // Runs after the hook of Nuxt UI that adds the plugin: modules of ours are set up after listed ones.
    nuxt.hook('vite:extend', async ({ config }) => {
      for (const plugin of await flatten(config.plugins ?? [])) {
        if (plugin.name.startsWith('@tailwindcss/vite:generate')) limit(plugin)
      }
    })
  },
})

interface IconSet {
  icons: Record<string, { body: string }>
  /** Other names. */
  aliases?: Record<string, { parent: string }>
}

/** What is inside the `svg` of each icon, by its name. */
function bodiesOf(names: readonly string[]): Record<string, string> {
  const file = createRequire(import.meta.url).resolve('@iconify-json/lucide/icons.json')
  const { icons, aliases } = JSON.parse(readFileSync(file, 'utf8')) as IconSet
  return Object.fromEntries(names.map((name) => {
    const [, own = ''] = name.split(':')
    const icon = icons[own] ?? icons[aliases?.[own]?.parent ?? '']
    if (!icon) throw new Error(`There is no icon ${name}: take another name in app/icons.ts.`)
    return [name, icon.body]
  }))
}

/** What Nuxt UI changes of the page around it, which is the host's. */
function leaveAlone(nuxt: Nuxt) {
  const { rootAttrs } = nuxt.options.app
  if (typeof rootAttrs.class === 'string') rootAttrs.class = rootAttrs.class.replace(/\S*\bisolate\b/, '').trim() || undefined
  nuxt.hook('app:templates', ({ templates }) => {
    const style = templates.find(({ filename }) => filename === 'ui.css')
    if (!style?.getContents) throw new TypeError('Nuxt UI has no template ui.css: adapt modules/ui.ts to its version.')
    const { getContents } = style
    style.getContents = async data => (await getContents(data)).replace(BODY_RULE, '')
  })
}

function limit(plugin: Plugin) {
  if (typeof plugin.transform !== 'object' || typeof plugin.transform.filter?.id !== 'object') {
    throw new TypeError(`The transform of ${plugin.name} has no filter to limit: adapt modules/ui.ts to its version.`)
  }
  plugin.transform.filter.id = { ...plugin.transform.filter.id, include: [OUR_STYLE] }
}
