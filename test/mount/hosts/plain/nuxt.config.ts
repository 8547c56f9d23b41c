import { defineNuxtConfig } from 'nuxt/config'

const i18n = {
  // Without one, the module warns in the console.
  baseUrl: 'https://host.example',
  strategy: 'no_prefix',
  defaultLocale: 'en',
  locales: [
    { code: 'en', language: 'en', dir: 'ltr', file: 'en.json' },
    { code: 'ar-XB', language: 'ar-XB', dir: 'rtl', file: 'ar-XB.json' },
  ],
  detectBrowserLanguage: { useCookie: true, cookieKey: 'host-language' },
}

/** Somebody's app, which knows nothing of ours but its name. */
export default defineNuxtConfig({
  extends: process.env.HOST_EXTENDS ? [process.env.HOST_EXTENDS] : [],
  modules: ['@nuxtjs/i18n'],
  css: ['~/assets/main.css'],
  compatibilityDate: '2026-11-01',
  telemetry: false,
  // Of a module whose types are there only once the app is prepared.
  ...{ i18n },
})
