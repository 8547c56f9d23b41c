import { defineNuxtConfig } from 'nuxt/config'

/** An app in the manner of npmx: UnoCSS with `@apply` in its own style sheets, and a page for each package. */
export default defineNuxtConfig({
  extends: process.env.HOST_EXTENDS ? [process.env.HOST_EXTENDS] : [],
  modules: ['@unocss/nuxt'],
  css: ['~/assets/main.css'],
  compatibilityDate: '2026-11-01',
  telemetry: false,
})
