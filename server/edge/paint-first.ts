import { defineNitroPlugin } from 'nitropack/runtime'

/** What the browser would load, and run, while it could paint. */
const PRELOAD = /<link rel="modulepreload"[^>]* href="([^"]+)"[^>]*>/g
const SCRIPT = /<script type="module"[^>]* src="([^"]+)"[^>]*><\/script>/g

/** Milliseconds: who protects its user from being recognised may support the entries of a paint, and never make one. */
const LONGEST = 2_000

/**
 * A page can be read before it comes alive: its scripts are asked for when it is on the screen, so that neither the line nor the
 * processor is busy with them before. Only in the app on its own.
 */
export default defineNitroPlugin((nitroApp) => {
  nitroApp.hooks.hook('render:html', (html) => {
    const scripts: string[] = []
    const preloads: string[] = []
    html.head = html.head.map(text => text
      .replaceAll(SCRIPT, (_, source: string) => (scripts.push(source), ''))
      .replaceAll(PRELOAD, (_, source: string) => (preloads.push(source), '')))
    if (scripts.length > 0) html.head.push(`<script type="module">${loader(preloads, scripts)}</script>`)
  })
})

/**
 * Runs when the document is parsed. A page in the background is not painted, nor is it looked at.
 */
function loader(preloads: readonly string[], scripts: readonly string[]): string {
  return `let begun
const add = (tag, attributes) => document.head.append(Object.assign(document.createElement(tag), { crossOrigin: '', ...attributes }))
const begin = async () => {
  if (begun) return
  begun = true
  const turn = () => new Promise(resolve => setTimeout(resolve))
  for (const href of ${textOf(preloads)}) await turn(add('link', { rel: 'modulepreload', href }))
  for (const src of ${textOf(scripts)}) add('script', { type: 'module', src })
}
if (document.hidden || !PerformanceObserver.supportedEntryTypes?.includes('paint')) begin()
addEventListener('visibilitychange', begin, { once: true })
setTimeout(begin, ${LONGEST})
new PerformanceObserver(begin).observe({ type: 'paint', buffered: true })`
}

/** Addresses come out of attributes and go into a script. */
function textOf(addresses: readonly string[]): string {
  return JSON.stringify(addresses.map(address => address.replaceAll('&amp;', '&'))).replaceAll('<', '\\u003C')
}
