import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DIALECTS } from './dialects.ts'
import type { Settings } from './dialects.ts'
import type { Client } from './tools/clients.ts'

const COMMAND_TIMEOUT = 100_000
const TOOLS = fileURLToPath(new URL('tools/node_modules/.bin', import.meta.url))

/** What the test projects depend on: the whole fixture tree, and one version that is outdated and vulnerable. */
const DEPENDENCIES = { 'fx-app': '^1.0.0', 'fx-lib': '1.0.0' }

interface Run {
  code: number | null
  stdout: string
  /** Both streams, in the order they came. */
  output: string
  /** Wall time in milliseconds. */
  duration: number
}

export interface Project {
  /** Runs one command of the client, in the project's folder. */
  run(args: readonly string[]): Promise<Run>
  /** The same, and fails with everything the client printed unless the exit code is `code`. */
  expectRun(args: readonly string[], code?: number): Promise<Run>
  read(path: string): Promise<string>
  write(path: string, text: string): Promise<void>
  /** Removes installed packages and everything the client keeps outside the project. */
  clean(): Promise<void>
  remove(): Promise<void>
}

/** A project for one client, with a home and caches of its own in a temporary folder. */
export async function createProject(
  client: Client,
  settings: Settings,
  manifest: Record<string, unknown> = {},
): Promise<Project> {
  const root = await mkdtemp(join(tmpdir(), `client-${client.id}-`))
  const directory = join(root, 'project')
  const home = join(root, 'home')
  const { files, home: homeFiles } = DIALECTS[client.family]
  const makeHome = () => writeFiles(home, homeFiles?.(settings))
  await makeHome()
  await writeFiles(directory, {
    'package.json': `${JSON.stringify({
      name: 'project',
      version: '1.0.0',
      private: true,
      dependencies: DEPENDENCIES,
      allowScripts: { 'fx-script': true }, // npm 12
      trustedDependencies: ['fx-script'], // bun
      ...manifest,
    }, null, 2)}\n`,
    ...files?.(settings),
  })

  const project: Project = {
    run: args => execute([...client.command, ...args], directory, environment(home, client, settings)),
    async expectRun(args, code = 0) {
      const result = await project.run(args)
      if (result.code !== code) {
        throw new Error(`${client.id} ${args.join(' ')} ended with ${result.code}, not ${code}:\n${result.output}`)
      }
      return result
    },
    read: path => readFile(join(directory, path), 'utf8'),
    write: (path, text) => writeFile(join(directory, path), text),
    async clean() {
      await rm(join(directory, 'node_modules'), { recursive: true, force: true })
      await rm(home, { recursive: true, force: true })
      await makeHome()
    },
    remove: () => rm(root, { recursive: true, force: true }),
  }
  return project
}

async function writeFiles(directory: string, files: Record<string, string> = {}) {
  await mkdir(directory, { recursive: true })
  for (const [path, text] of Object.entries(files)) await writeFile(join(directory, path), text)
}

/** The environment holds nothing of this machine's npm configuration. */
function environment(home: string, client: Client, settings: Settings): Record<string, string> {
  return {
    // pnpm 10 hands some commands to npm.
    PATH: [dirname(process.execPath), TOOLS, '/usr/bin', '/bin'].join(delimiter),
    HOME: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_STATE_HOME: join(home, 'state'),
    TMPDIR: home,
    YARN_CACHE_FOLDER: join(home, 'yarn'),
    CI: '1',
    NO_COLOR: '1',
    NO_UPDATE_NOTIFIER: '1',
    ...(settings.nodeOptions !== undefined && { NODE_OPTIONS: settings.nodeOptions }),
    ...DIALECTS[client.family].environment?.(settings),
    ...settings.environment,
  }
}

function execute([command, ...args]: readonly string[], cwd: string, env: Record<string, string>): Promise<Run> {
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(command!, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let output = ''
    const timer = setTimeout(() => child.kill('SIGKILL'), COMMAND_TIMEOUT)
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      output += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, output, duration: performance.now() - begun })
    })
  })
}
