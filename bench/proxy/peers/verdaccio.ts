import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, scratch, start, waitUntilUp } from '../../common/children.ts'
import type { Peer } from '../../common/peer.ts'

const project = fileURLToPath(new URL('../../..', import.meta.url))
const installed = join(project, 'test/clients/tools/node_modules/verdaccio')
const cache = join(project, '.cache/bench')

/** Verdaccio as a caching proxy with its default settings, except that its cache never expires within a run. */
export async function startVerdaccio(upstream: string): Promise<Peer> {
  const folder = findOrInstall()
  const { version, bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string, bin: string | Record<string, string> }
  const port = await freePort()
  const home = join(scratch, 'verdaccio')
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'config.yaml'), configuration(home, upstream))
  const script = join(folder, typeof bin === 'string' ? bin : bin.verdaccio ?? 'bin/verdaccio')
  const child = start('verdaccio', process.execPath, [script, '--config', join(home, 'config.yaml'), '--listen', `127.0.0.1:${port}`], {
    env: { NODE_ENV: 'production' },
  })
  const url = `http://127.0.0.1:${port}/`
  await waitUntilUp(child, `${url}-/ping`)
  return { name: 'verdaccio', version, url, pid: child.pid, stop: child.stop }
}

function findOrInstall(): string {
  if (existsSync(join(installed, 'package.json'))) return installed
  const folder = join(cache, 'node_modules/verdaccio')
  if (existsSync(join(folder, 'package.json'))) return folder
  console.log('Installing Verdaccio into .cache/bench (once)')
  mkdirSync(cache, { recursive: true })
  // Verdaccio asks for a tag of node-fetch that mirrors without tags do not know.
  writeFileSync(join(cache, 'package.json'), '{"private":true,"overrides":{"node-fetch":"2.6.7"}}\n')
  const { status, stderr } = spawnSync('npm', ['install', 'verdaccio@latest', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: cache,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`Verdaccio cannot be installed into ${cache}: ${stderr}`)
  return folder
}

function configuration(home: string, upstream: string): string {
  return `storage: ${home}/storage
auth:
  htpasswd:
    file: ${home}/htpasswd
uplinks:
  bench:
    url: ${upstream}
    maxage: 1d
    timeout: 60s
packages:
  '**':
    access: $all
    proxy: bench
web:
  enable: false
max_body_size: 100mb
log: { type: stdout, format: pretty, level: error }
`
}
