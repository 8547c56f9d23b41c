import { fileURLToPath } from 'node:url'
import { addTypeTemplate, defineNuxtModule } from '@nuxt/kit'
import { build } from 'esbuild'

/** Programs of worker threads, by the name under which the server finds them: `#registry/packument-worker`. */
const WORKERS = {
  'packument-worker': '../server/packument/worker.ts',
  'inspect-worker': '../server/inspect/worker.ts',
}

/**
 * What takes long is done in worker threads, and a worker is a program of its own: the server's bundler would make it part of
 * the server. So each is bundled here and handed to the server as text.
 */
export default defineNuxtModule({
  meta: { name: 'registry:worker' },
  setup(_options, nuxt) {
    addTypeTemplate({
      filename: 'types/registry-worker.d.ts',
      getContents: () => Object.keys(WORKERS)
        .map(name => `declare module '#registry/${name}' {\n  const code: string\n  export default code\n}\n`).join(''),
    }, { nitro: true })
    nuxt.hook('nitro:config', (config) => {
      config.virtual = {
        ...config.virtual,
        ...Object.fromEntries(Object.entries(WORKERS).map(([name, entry]) => [`#registry/${name}`, () => bundle(entry)])),
      }
    })
  },
})

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true, write: false, platform: 'node', format: 'cjs', target: 'node24', minify: true,
  })
  return `export default ${JSON.stringify(outputFiles[0]!.text)}`
}
