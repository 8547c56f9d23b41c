import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { output, scratch } from '../../common/children.ts'
import { startUs } from '../../common/us.ts'

/** Seconds of whole `npm install` runs, by where the packages came from. */
export interface Installs {
  npm: string
  packages: number
  direct: number[]
  warm: number[]
  cold: number[]
}

/** After this many rounds and milliseconds a busy machine may stop early. */
const [ENOUGH, BUDGET] = [3, 90_000]

const ways = ['direct', 'warm', 'cold'] as const

type Dependencies = Record<string, string>

/**
 * Installs the tree with the real npm, in turns: directly from the upstream, through us with all of it
 * cached, and through us with nothing cached.
 */
export async function measureInstalls(build: string, upstream: string, root: Dependencies, runs: number): Promise<Installs> {
  const npm = findNpm()
  const { version } = JSON.parse(readFileSync(join(dirname(npm), '../package.json'), 'utf8')) as { version: string }
  const warm = await startUs(build, upstream)
  const expected = await install(npm, warm.url, root)
  const result: Installs = { npm: version, packages: expected.packages, direct: [], warm: [], cold: [] }

  const started = performance.now()
  for (let round = 0; round < runs; round += 1) {
    if (round >= ENOUGH && performance.now() - started > BUDGET) break
    for (const [index] of ways.entries()) {
      const way = ways[(index + round) % ways.length] ?? 'direct'
      const cold = way === 'cold' ? await startUs(build, upstream) : undefined
      const { seconds, packages } = await install(npm, (cold ?? (way === 'warm' ? warm : { url: upstream })).url, root)
      await cold?.stop()
      if (packages !== expected.packages) throw new Error(`the ${way} install has ${packages} packages, not ${expected.packages}`)
      result[way].push(seconds)
    }
  }
  await warm.stop()
  return result
}

/** One install with a fresh cache and no lockfile. */
async function install(npm: string, registry: string, root: Dependencies): Promise<{ seconds: number, packages: number }> {
  const folder = join(scratch, 'install')
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'bench-app', version: '1.0.0', dependencies: root }))
  writeFileSync(join(folder, '.npmrc'), `registry=${registry}\ncache=${folder}/cache\nupdate-notifier=false\n`)
  const started = performance.now()
  await output(process.execPath, [npm, 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    timeout: 60_000,
  })
  const seconds = (performance.now() - started) / 1000
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: object }
  return { seconds, packages: Object.keys(packages).length - 1 }
}

/** The npm that runs us, else the one on the PATH. */
function findNpm(): string {
  const candidates = [process.env.npm_execpath ?? '', ...(process.env.PATH ?? '').split(delimiter).map(folder => join(folder, 'npm'))]
  for (const candidate of candidates) {
    try {
      const file = realpathSync(candidate)
      if (file.endsWith('npm-cli.js')) return file
    } catch {
      // Not there: the next folder may have it.
    }
  }
  throw new Error('npm is not on the PATH: install npm 11 or later')
}
