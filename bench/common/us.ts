import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, scratch, start, waitUntilUp } from './children.ts'
import type { Peer } from './peer.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))

/** The production build that is measured; another one can be named to compare two builds. */
export const DEFAULT_BUILD = join(project, '.output/server/index.mjs')

const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string }
/** What `npm start` runs. */
const serve = join(project, 'scripts/serve.js')

/** How the log calls the upstream, whatever its port. */
export const NAMESPACE = 'npm.example'

/**
 * One process of ours.
 * @param dataDir kept when it stops; without it the process gets an empty one, which is removed then
 * @param more what else the configuration says: `registries` are added to the upstream
 */
export async function startUs(
  build: string, upstream: string, dataDir?: string,
  { registries = [], ...more }: { registries?: object[], [key: string]: unknown } = {},
): Promise<Peer> {
  const port = await freePort()
  const home = join(scratch, `us-${port}`)
  mkdirSync(home)
  const config = join(home, 'registry.config.json')
  writeFileSync(config, JSON.stringify({
    registries: [{ id: 'bench', url: upstream, role: 'authority', namespace: NAMESPACE }, ...registries], probes: { interval: 0 }, ...more,
  }))
  const child = start('us', process.execPath, [serve, build], {
    cwd: home,
    env: { NODE_ENV: 'production', PORT: String(port), HOST: '127.0.0.1', NUXT_DATA_DIR: dataDir ?? join(home, 'data'), REGISTRY_CONFIG: config },
  })
  const url = `http://127.0.0.1:${port}/npm/`
  await waitUntilUp(child, `${url}-/ping`)
  return {
    name: 'us',
    version,
    url,
    pid: child.pid,
    async stop() {
      await child.stop()
      rmSync(home, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
