/**
 * The layer's configuration. It runs alone (`npm start`) and is mounted by a host with `extends`,
 * so nothing in here may reach beyond our own paths: no global CSS, no head defaults, no middleware.
 * What only the standalone app needs lives in `modules/standalone.ts`.
 */
export default defineNuxtConfig({
  modules: ['@nuxt/ui', '@nuxtjs/i18n'],
  $meta: { name: 'registry' },
  ui: { colorMode: false, fonts: false, theme: { prefix: 'nx' }, experimental: { componentDetection: true } },
  // The npm surface, the operations endpoints and our pages answer for themselves: a host's page
  // rules (redirects, ISR) stop where a path has a rule of its own.
  routeRules: {
    '/registry': { isr: false, cache: false },
    '/registry/**': { isr: false, cache: false },
    '/npm/**': { isr: false, cache: false },
    '/sumdb/**': { isr: false, cache: false },
    '/api/log/**': { isr: false, cache: false },
    '/api/incidents/**': { isr: false, cache: false },
    '/api/takedowns/**': { isr: false, cache: false },
    '/api/registries/**': { isr: false, cache: false },
    '/api/preferences/**': { isr: false, cache: false },
    '/api/packages/**': { isr: false, cache: false },
    '/api/badges/**': { isr: false, cache: false },
    '/api/search': { isr: false, cache: false },
    '/api/search/**': { isr: false, cache: false },
    '/badge/**': { isr: false, cache: false },
    '/health': { isr: false, cache: false },
    '/metrics': { isr: false, cache: false },
    '/api/registry/**': { isr: false, cache: false },
  },
  compatibilityDate: '2026-11-01',
  typescript: {
    strict: true,
    tsConfig: {
      compilerOptions: {
        noUnusedLocals: true,
        noUnusedParameters: true,
        noUncheckedIndexedAccess: true,
        verbatimModuleSyntax: true,
        erasableSyntaxOnly: true,
        allowImportingTsExtensions: true,
      },
    },
  },
  telemetry: false,
  // As a host has it, if it has; our texts come by `modules/i18n.ts`.
  i18n: { strategy: 'no_prefix', defaultLocale: 'en', detectBrowserLanguage: false, compilation: { strictMessage: false } },
  // Icons come from our own server or not at all.
  icon: { fallbackToApi: false },
})
