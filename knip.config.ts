import type { KnipConfig } from 'knip'

export default {
  entry: ['scripts/*.js', 'bench/*/main.ts', 'modules/*.ts', 'server/**/worker.ts'],
  project: ['{app,server,shared,modules,scripts,bench,test}/**/*.{ts,js,vue}'],
} satisfies KnipConfig
