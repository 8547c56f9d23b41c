import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const NUXT = join(root, 'node_modules/nuxt/bin/nuxt.mjs')

/** A place in which apps of others are built: ours is a package there, as anybody gets it. */
export interface Workshop {
  /** What `npm pack` put into the package, by path. */
  files: readonly string[]
  /**
   * Builds an app of `hosts/`.
   * @param more files beside its own, by path
   * @returns its directory; with us, there is a server in `.output/server/index.mjs`
   */
  build(host: 'plain' | 'uno', more?: Readonly<Record<string, string>>): Promise<string>
  /**
   * The same app as it is without us. No server: its pages are files in `.output/public`.
   */
  buildAlone(host: 'plain' | 'uno', more?: Readonly<Record<string, string>>): Promise<string>
  close(): Promise<void>
}

export async function openWorkshop(): Promise<Workshop> {
  const directory = await mkdtemp(join(tmpdir(), 'registry-mount-'))
  // What the package depends on: found where Node looks next, one directory above the app's own modules.
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory], { cwd: root, maxBuffer: 1 << 24 })
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string, files: { path: string }[] }>)
  const tarball = join(directory, packed!.filename)

  async function lay(host: string, name: string, more: Readonly<Record<string, string>>): Promise<string> {
    const app = join(directory, name)
    await cp(join(root, 'test/mount/hosts', host), app, { recursive: true })
    for (const [path, text] of Object.entries(more)) await writeFile(join(app, path), text)
    return app
  }

  return {
    files: packed!.files.map(({ path }) => path),
    async build(host, more = {}) {
      const app = await lay(host, host, more)
      const place = join(app, 'node_modules/@npmx/registry')
      await mkdir(place, { recursive: true })
      await run('tar', ['xzf', tarball, '-C', place, '--strip-components', '1'])
      await nuxt(app, ['build'], { HOST_EXTENDS: '@npmx/registry' })
      return app
    },
    async buildAlone(host, more = {}) {
      const app = await lay(host, `${host}-alone`, more)
      await nuxt(app, ['generate'], {})
      return app
    },
    close: () => rm(directory, { recursive: true, force: true }),
  }
}

/** @throws Error with all that the build said */
async function nuxt(app: string, args: readonly string[], env: Record<string, string>): Promise<void> {
  const child = spawn(process.execPath, [NUXT, ...args], {
    cwd: app, stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: app, NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1', ...env },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => said += chunk)
  const [code] = await once(child, 'exit') as [number | null]
  if (code !== 0) throw new Error(`nuxt ${args.join(' ')} in ${app} ended with ${code}:\n${said}`)
}
