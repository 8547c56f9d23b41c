import { randomBytes } from 'node:crypto'
import { setResponseHeaders } from 'h3'
import { defineNitroPlugin } from 'nitropack/runtime'

/** Inline scripts and styles of pages we render; what is in `html.body` is text of people and registries, and gets none. */
const OURS = ['head', 'bodyPrepend', 'bodyAppend'] as const

/**
 * Pages run our own code only, and talk to our own origin only: not even a registry's text that slipped through as markup could
 * do anything. Only the app on its own has this; a host has a policy of its own (modules/standalone.ts).
 */
export default defineNitroPlugin((nitroApp) => {
  nitroApp.hooks.hook('render:html', (html, { event }) => {
    const nonce = randomBytes(16).toString('base64')
    for (const part of OURS) html[part] = html[part].map(text => text.replaceAll(/<(script|style)(?=[\s>])/g, `<$1 nonce="${nonce}"`))
    setResponseHeaders(event, {
      'content-security-policy': policyWith(nonce),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
  })
})

function policyWith(nonce: string): string {
  return [
    'default-src \'none\'',
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src-elem 'self' 'nonce-${nonce}'`,
    // Widths of bars and the like: attributes cannot load anything.
    'style-src-attr \'unsafe-inline\'',
    'img-src \'self\' data:',
    'font-src \'self\'',
    'connect-src \'self\'',
    'worker-src \'self\'',
    'form-action \'self\'',
    'base-uri \'none\'',
    'frame-ancestors \'none\'',
  ].join('; ')
}
