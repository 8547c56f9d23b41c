import { fileURLToPath } from 'node:url'
import { addTypeTemplate, defineNuxtModule } from '@nuxt/kit'
import { build } from 'esbuild'

const entry = fileURLToPath(new URL('../server/packument/worker.ts', import.meta.url))

/**
 * Large packuments are processed in a worker thread, and a worker is a program of its own: the server's bundler would
 * make it part of the server. So it is bundled here and handed to the server as text, `#registry/packument-worker`.
 */
export default defineNuxtModule({
  meta: { name: 'registry:worker' },
  setup(_options, nuxt) {
    addTypeTemplate({
      filename: 'types/registry-worker.d.ts',
      getContents: () => 'declare module \'#registry/packument-worker\' {\n  const code: string\n  export default code\n}\n',
    }, { nitro: true })
    nuxt.hook('nitro:config', (config) => {
      config.virtual = {
        ...config.virtual,
        '#registry/packument-worker': async () => {
          const { outputFiles } = await build({
            entryPoints: [entry], bundle: true, write: false, platform: 'node', format: 'cjs', target: 'node24', minify: true,
          })
          return `export default ${JSON.stringify(outputFiles[0]!.text)}`
        },
      }
    })
  },
})
