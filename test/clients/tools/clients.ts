import { fileURLToPath } from 'node:url'

export type Family = 'npm' | 'pnpm' | 'yarn' | 'berry' | 'bun'

/** A real package manager, and how it is started. */
export interface Client {
  id: string
  family: Family
  command: readonly string[]
}

const node = process.execPath
const tool = (path: string) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url))

export const CLIENTS = [
  { id: 'npm-10', family: 'npm', command: [node, tool('npm-10/bin/npm-cli.js')] },
  { id: 'npm-11', family: 'npm', command: [node, tool('npm-11/bin/npm-cli.js')] },
  { id: 'npm-12', family: 'npm', command: [node, tool('npm-12/bin/npm-cli.js')] },
  { id: 'pnpm-10', family: 'pnpm', command: [node, tool('pnpm-10/bin/pnpm.cjs')] },
  { id: 'pnpm-11', family: 'pnpm', command: [node, tool('pnpm-11/bin/pnpm.mjs')] },
  // A native binary, put there by the package's install script.
  { id: 'pnpm-12', family: 'pnpm', command: [tool('pnpm-12/pnpm')] },
  { id: 'yarn-1', family: 'yarn', command: [node, tool('yarn-1/bin/yarn.js')] },
  { id: 'yarn-berry', family: 'berry', command: [node, tool('yarn-berry/bin/yarn.js')] },
  { id: 'bun', family: 'bun', command: [tool('bun/bin/bun.exe')] },
] as const satisfies readonly Client[]

/** The last npm that audits signatures without asking a public service for keys first. */
export const NPM_8: Client = { id: 'npm-8', family: 'npm', command: [node, tool('npm-8/bin/npm-cli.js')] }

/** The registry of the same kind as ours, as a script for Node. */
export const VERDACCIO = tool('verdaccio/bin/verdaccio')

export type ClientId = typeof CLIENTS[number]['id']
