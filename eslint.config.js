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
)
