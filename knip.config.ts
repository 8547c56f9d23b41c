import type { KnipConfig } from 'knip'

export default {
  // The pure core is a library: its faces are there for pages and tools too.
  entry: ['shared/*/index.ts', 'scripts/*.{js,ts}', 'bench/*/main.ts', 'cli/*-*.ts', 'test/faults/writer.ts', 'modules/*.ts', 'server/**/worker.ts',
    // Plugins of the server that modules add, and a component that stands in for a host's.
    'server/edge/{compression,content-security-policy}.ts', 'app/guest/*.vue',
    // Apps of others.
    'test/mount/hosts/*/*.config.ts', 'test/mount/hosts/*/app/**/*.vue',
  ],
  // Named in strings only: icons by their collection, modules installed by name, the checker behind `nuxt typecheck`.
  ignoreDependencies: ['@iconify-json/lucide', '@nuxt/eslint', '@nuxtjs/color-mode', '@unocss/nuxt', 'vue-tsc'],
  // Debian's; `.ci/run` installs what the tests need, the bench says what it misses.
  ignoreBinaries: ['nginx', 'redis-server'],
  // Made at build time by modules/worker.ts.
  ignoreUnresolved: ['#registry/packument-worker', '#registry/inspect-worker'],
  project: ['{app,server,shared,modules,scripts,cli,bench,test}/**/*.{ts,js,vue}'],
} satisfies KnipConfig
