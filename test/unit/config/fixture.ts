import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ConfigError, loadConfig } from '../../../server/config/index.ts'
import type { Config } from '../../../server/config/types.ts'

/** Files of an operator's machine by path: `home/.npmrc`, `etc/npmrc`, `project/.npmrc`, `project/registry.config.json`, … */
export type Files = Record<string, string | object>

export interface Operator {
  root: string
  env: NodeJS.ProcessEnv
  write(files: Files): void
  read(path: string): string
  load(env?: NodeJS.ProcessEnv): Promise<Config>
  /** The problems of a configuration that must not load. */
  problems(env?: NodeJS.ProcessEnv): Promise<readonly string[]>
}

/** A machine of its own in a temporary directory: this machine's npm configuration is not read. */
export function operator(files: Files = {}, env: NodeJS.ProcessEnv = {}): Operator {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'config-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const self: Operator = {
    root,
    env: { HOME: join(root, 'home'), npm_config_globalconfig: join(root, 'etc/npmrc'), ...env },
    write(more) {
      for (const [path, content] of Object.entries(more)) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
      }
    },
    read: path => readFileSync(join(root, path), 'utf8'),
    load: (more = {}) => loadConfig({ env: { ...self.env, ...more }, cwd: join(root, 'project') }),
    async problems(more = {}) {
      const error = await self.load(more).then(() => undefined, (error: unknown) => error)
      if (!(error instanceof ConfigError)) throw new Error('The configuration loaded, or failed in another way', { cause: error })
      return error.problems
    },
  }
  // The package.json makes it a project, whose .npmrc npm reads.
  self.write({ 'project/package.json': '{}', 'home/.keep': '', ...files })
  return self
}

/** A machine whose REGISTRY_CONFIG file holds this. */
export function withFile(config: object | string, { env = {}, files = {}, name = 'registry.config.json' } = {}): Operator {
  return operator({ [`project/${name}`]: config, ...files }, { REGISTRY_CONFIG: name, ...env })
}

export const NPM = { id: 'npm', url: 'https://npm.example/', role: 'authority' }
