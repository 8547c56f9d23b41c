import { defineNitroPlugin } from 'nitropack/runtime'

/**
 * A page can be read before it comes alive: on a slow line its style sheet goes before its scripts, which would take the line for
 * themselves otherwise. Only in the app on its own.
 */
export default defineNitroPlugin((nitroApp) => {
  nitroApp.hooks.hook('render:html', (html) => {
    html.head = html.head.map(text => text.replaceAll(/<(?:link rel="modulepreload"|script type="module")(?=[\s>])/g, '$& fetchpriority="low"'))
  })
})
