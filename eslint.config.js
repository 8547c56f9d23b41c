import withNuxt from './.nuxt/eslint.config.mjs'

export default withNuxt(
  { ignores: ['**/node_modules/**', '.output/**', '.data/**', '.cache/**'] },
  {
    rules: {
      'no-console': 'error',
      '@stylistic/max-len': ['error', { code: 130, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
    },
  },
  {
    files: ['scripts/**', 'bench/**', 'test/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // Pages and layouts of apps that extend ours: the framework names them.
    files: ['test/mount/hosts/*/app/{error.vue,pages/**}'],
    rules: { 'vue/multi-word-component-names': 'off' },
  },
)
