/** Tells the document its language and direction. Only the app on its own does that: a host tells it itself. */
export function useRegistryLanguage() {
  const { localeProperties } = useI18n()
  useHead({
    htmlAttrs: {
      lang: () => localeProperties.value.language ?? localeProperties.value.code,
      dir: () => localeProperties.value.dir ?? 'ltr',
    },
  })
}
