import type { Family } from './tools/clients.ts'

export interface Settings {
  /** Registry URL with a trailing slash. */
  registry: string
  /** The token the user has for that registry. */
  token?: string
  /** Lines for npm's own `.npmrc`. */
  npmrc?: readonly string[]
  /** `NODE_OPTIONS` of the clients that run on Node. */
  nodeOptions?: string
  /** More of the environment. */
  environment?: Readonly<Record<string, string>>
  /** False: versions may be as young as they are. */
  ageGate?: boolean
  /** False: a failed request is not repeated (npm and pnpm would take a minute for it). */
  retries?: boolean
}

/** How one family of clients is set up and what its commands are called. */
interface Dialect {
  lockfile: string
  /** Files of the user's home that make the client use the registry, as `npm config set registry` would write them. */
  home?(settings: Settings): Record<string, string>
  /** Files of the project. */
  files?(settings: Settings): Record<string, string>
  environment?(settings: Settings): Record<string, string>
  install: readonly string[]
  frozen: readonly string[]
  add(spec: string): readonly string[]
  /** Berry has no such command. */
  outdated?: readonly string[]
  view(name: string): readonly string[]
  /** Yarn 1 asks its own registry's host, whatever is configured. */
  audit?: readonly string[]
  /** Yarn 1 has no such command. */
  exec?(name: string): readonly string[]
}

/** `.npmrc`, which npm, pnpm, yarn 1 and bun read. */
function npmrc({ registry, token, retries, npmrc: lines = [] }: Settings, ...more: string[]): string {
  const auth = token === undefined ? [] : [`${registry.replace(/^https?:/, '')}:_authToken=${token}`]
  return [`registry=${registry}`, ...auth, ...lines, ...more, ...(retries === false ? ['fetch-retries=0'] : []), ''].join('\n')
}

export const DIALECTS: Record<Family, Dialect> = {
  npm: {
    lockfile: 'package-lock.json',
    home: settings => ({ '.npmrc': npmrc(settings, 'audit=false', 'fund=false', 'update-notifier=false') }),
    install: ['install'],
    frozen: ['ci'],
    add: spec => ['install', spec],
    outdated: ['outdated', '--json'],
    view: name => ['view', name, '--json'],
    audit: ['audit', '--json'],
    exec: name => ['exec', '--yes', name],
  },
  pnpm: {
    lockfile: 'pnpm-lock.yaml',
    home: settings => ({ '.npmrc': npmrc(settings) }),
    files: ({ retries, ageGate }) => ({
      'pnpm-workspace.yaml': [
        'onlyBuiltDependencies:', '  - fx-script', // pnpm 10
        'allowBuilds:', '  fx-script: true', // pnpm 11 and 12
        ...(retries === false ? ['fetchRetries: 0'] : []),
        ...(ageGate === false ? ['minimumReleaseAge: 0'] : []),
        '',
      ].join('\n'),
    }),
    install: ['install', '--no-frozen-lockfile'],
    frozen: ['install', '--frozen-lockfile'],
    add: spec => ['add', spec],
    outdated: ['outdated', '--format', 'json'],
    view: name => ['view', name, '--json'],
    audit: ['audit', '--json'],
    exec: name => ['dlx', name],
  },
  yarn: {
    lockfile: 'yarn.lock',
    home: settings => ({ '.npmrc': npmrc(settings), '.yarnrc': 'disable-self-update-check true\n' }),
    install: ['install', '--non-interactive'],
    frozen: ['install', '--frozen-lockfile', '--non-interactive'],
    add: spec => ['add', spec, '--non-interactive'],
    outdated: ['outdated', '--json'],
    view: name => ['info', name, '--json'],
  },
  berry: {
    lockfile: 'yarn.lock',
    files: ({ registry, token, retries, ageGate }) => ({
      // An empty lockfile makes this folder a project of its own.
      'yarn.lock': '',
      // YAML is a superset of JSON.
      '.yarnrc.yml': JSON.stringify({
        npmRegistryServer: registry,
        ...(token !== undefined && { npmAuthToken: token, npmAlwaysAuth: true }),
        unsafeHttpWhitelist: ['127.0.0.1', 'localhost'],
        ...(retries === false && { httpRetry: 0 }),
        ...(ageGate === false && { npmMinimalAgeGate: 0 }),
        enableTelemetry: false,
        nodeLinker: 'node-modules',
        enableScripts: true,
      }),
    }),
    install: ['install', '--no-immutable'],
    frozen: ['install', '--immutable'],
    add: spec => ['add', spec],
    view: name => ['npm', 'info', name, '--json'],
    audit: ['npm', 'audit', '--all', '--recursive', '--json'],
    exec: name => ['dlx', '-q', name],
  },
  bun: {
    lockfile: 'bun.lock',
    home: settings => ({ '.npmrc': npmrc(settings) }),
    environment: ({ retries }): Record<string, string> => retries === false ? { BUN_CONFIG_HTTP_RETRY_COUNT: '0' } : {},
    install: ['install', '--no-progress'],
    frozen: ['install', '--frozen-lockfile', '--no-progress'],
    add: spec => ['add', spec, '--no-progress'],
    outdated: ['outdated'],
    view: name => ['info', name, '--json'],
    audit: ['audit', '--json'],
    exec: name => ['x', name],
  },
}
