import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineNuxtModule } from '@nuxt/kit'
import type { NuxtI18nOptions } from '@nuxtjs/i18n'

const locales = fileURLToPath(new URL('../i18n/locales', import.meta.url))
/** One file for each room of the pages; all of them have the one root `registry`. */
const files = readdirSync(`${locales}/en`).filter(name => name.endsWith('.json')).toSorted().map(name => `en/${name}`)

/**
 * Brings our texts. Alone, there is English. In a host every locale of its own gets ours as well, so its list of languages stays
 * what it is, and what it translates under `registry` wins: its files come last.
 */
export default defineNuxtModule({
  meta: { name: 'registry:i18n' },
  setup(_options, nuxt) {
    const ofHost = nuxt.options._layers.flatMap((layer): readonly (string | { code: string })[] =>
      (layer.config as { i18n?: NuxtI18nOptions }).i18n?.locales ?? [])
    const codes = [...new Set(ofHost.map(locale => typeof locale === 'string' ? locale : locale.code))]
    nuxt.hook('i18n:registerModule', (register) => {
      register({
        langDir: locales,
        locales: codes.length > 0
          ? codes.map(code => ({ code, files }))
          : [{ code: 'en', language: 'en', dir: 'ltr', name: 'English', files }],
      })
    })
  },
})
