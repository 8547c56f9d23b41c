/**
 * Makes a checkout runnable: installs dependencies, builds the app, installs the clients the tests
 * drive. Each step runs only when its inputs are newer than its result. Plain JavaScript on purpose:
 * it runs before Node 24 is installed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Newest modification time (ms) of a file or, recursively, of a folder's files; 0 if it is missing. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0)
}

function isStale(result, inputs) {
  return newest(join(root, result)) < Math.max(...inputs.map(input => newest(join(root, input))))
}

function step(title, command, args, cwd = root) {
  console.log(`› ${title}`)
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status === 0) return
  console.error(`✖ ${title} failed${error ? `: ${error.message}` : ''}. Run it yourself to see why: ${command} ${args.join(' ')}`)
  process.exit(status ?? 1)
}

if (isStale('node_modules/.package-lock.json', ['package-lock.json'])) {
  // Not `npm ci`: it refuses a lockfile that leaves out what a registry did not have for other platforms.
  step('Installing dependencies (once, about a minute)', 'npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'])
}

if (process.argv.includes('--build')) {
  const sources = ['app', 'i18n', 'server', 'shared', 'modules', 'nuxt.config.ts', 'package-lock.json']
  if (isStale('.output/nitro.json', sources)) {
    step('Building the app (once, about a minute)', 'npm', ['run', '--silent', 'build', '--', '--logLevel=silent'])
  }
}

/** Programs that only tests or benches drive, apart from our own dependencies. */
function installTools(title, folder) {
  if (existsSync(join(root, folder)) && isStale(`${folder}/node_modules/.package-lock.json`, [`${folder}/package-lock.json`])) {
    step(title, 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], join(root, folder))
  }
}

if (process.argv.includes('--clients')) installTools('Installing the package managers the tests drive', 'test/clients/tools')
if (process.argv.includes('--lighthouse')) installTools('Installing Lighthouse, which looks at the pages', 'bench/web/tools')
