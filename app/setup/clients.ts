/** Lines to run in a shell, or to write into (or delete from) a file. */
export interface Snippet {
  lines: readonly string[]
  /** The file the lines belong to; without one they are shell commands. */
  file?: string
}

interface Setting {
  set: Snippet
  /** Absent where undoing means deleting the lines again. */
  undo?: Snippet
}

export interface ClientSetup {
  id: 'npm' | 'pnpm' | 'yarn1' | 'yarn' | 'bun'
  /** Key of its name. */
  label: string
  everywhere: Setting
  project: Setting
  /** Key of what a reader must know before these lines work. */
  note?: string
}

/**
 * How each package manager is pointed at a registry, and back.
 * @param registryUrl absolute http(s) URL with a trailing slash, as `RegistryStatus.registryUrl` has it
 */
export function clientSetups(registryUrl: string): ClientSetup[] {
  return [
    { id: 'npm', label: 'registry.clients.npm', ...npmrc('npm', registryUrl) },
    { id: 'pnpm', label: 'registry.clients.pnpm', ...npmrc('pnpm', registryUrl) },
    {
      id: 'yarn1',
      label: 'registry.clients.yarn1',
      everywhere: {
        set: { lines: [`yarn config set registry ${shellWord(registryUrl)}`] },
        undo: { lines: ['yarn config delete registry'] },
      },
      project: inFile('.yarnrc', [`registry "${registryUrl}"`]),
    },
    { id: 'yarn', label: 'registry.clients.yarn', ...yarnBerry(registryUrl) },
    {
      id: 'bun',
      label: 'registry.clients.bun',
      // Its own file for all projects is elsewhere for whoever has set XDG_CONFIG_HOME; this one is not.
      everywhere: inFile('~/.npmrc', [`registry=${registryUrl}`]),
      project: inFile('bunfig.toml', ['[install]', `registry = "${registryUrl}"`]),
    },
  ]
}

/** Where a token stands: in the file itself, or in the environment, by this name in the file. */
export type TokenPlace = 'file' | 'environment'

interface TokenSetup {
  id: ClientSetup['id']
  /** Key of its name. */
  label: string
  snippets: readonly Snippet[]
}

const VARIABLE = 'NPM_TOKEN'

/**
 * How each package manager is pointed at a registry and sends it a token, with every request. Both are in a file of the user's
 * own: a project's is seen by everybody who has the project.
 * @param registryUrl as for `clientSetups`
 */
export function tokenSetups(registryUrl: string, token: string, place: TokenPlace): TokenSetup[] {
  const { protocol, hostname } = new URL(registryUrl)
  const isInFile = place === 'file'
  const value = isInFile ? token : `\${${VARIABLE}}`
  const npmrc = [`registry=${registryUrl}`, `${registryUrl.slice(protocol.length)}:_authToken=${value}`]
  const file = (name: string, lines: readonly string[]): Snippet[] =>
    [{ file: name, lines }, ...isInFile ? [] : [{ lines: [`export ${VARIABLE}=${token}`] }]]
  return [
    { id: 'npm', label: 'registry.clients.npm', snippets: file('~/.npmrc', npmrc) },
    { id: 'pnpm', label: 'registry.clients.pnpm', snippets: file('~/.npmrc', npmrc) },
    // It sends a token with names that have a scope, unless it is told to send it always.
    { id: 'yarn1', label: 'registry.clients.yarn1', snippets: file('~/.npmrc', [...npmrc, 'always-auth=true']) },
    {
      id: 'yarn',
      label: 'registry.clients.yarn',
      snippets: file('~/.yarnrc.yml', [
        `npmRegistryServer: "${registryUrl}"`,
        `npmAuthToken: "${value}"`,
        'npmAlwaysAuth: true',
        ...(protocol === 'http:' ? [`unsafeHttpWhitelist: ["${hostname}"]`] : []),
      ]),
    },
    { id: 'bun', label: 'registry.clients.bun', snippets: file('~/.npmrc', npmrc) },
  ]
}

function npmrc(command: 'npm' | 'pnpm', registryUrl: string): Pick<ClientSetup, 'everywhere' | 'project'> {
  return {
    everywhere: {
      set: { lines: [`${command} config set registry ${shellWord(registryUrl)}`] },
      undo: { lines: [`${command} config delete registry`] },
    },
    project: {
      set: { lines: [`${command} config set registry ${shellWord(registryUrl)} --location=project`] },
      undo: { lines: [`${command} config delete registry --location=project`] },
    },
  }
}

/** Yarn 2 and later refuse a plain HTTP registry unless its host is on an allow list. */
function yarnBerry(registryUrl: string): Pick<ClientSetup, 'everywhere' | 'project' | 'note'> {
  const { protocol, hostname } = new URL(registryUrl)
  const isPlain = protocol === 'http:'
  const setting = (option: '' | '--home '): Setting => ({
    set: {
      lines: [
        `yarn config set ${option}npmRegistryServer ${shellWord(registryUrl)}`,
        ...(isPlain ? [`yarn config set ${option}unsafeHttpWhitelist --json ${shellWord(JSON.stringify([hostname]))}`] : []),
      ],
    },
    undo: {
      lines: [
        `yarn config unset ${option}npmRegistryServer`,
        ...(isPlain ? [`yarn config unset ${option}unsafeHttpWhitelist`] : []),
      ],
    },
  })
  return {
    everywhere: setting('--home '),
    project: setting(''),
    ...(isPlain && { note: 'registry.setup.plainHttp' }),
  }
}

function inFile(file: string, lines: readonly string[]): Setting {
  return { set: { file, lines } }
}

/** A host name may hold characters that a shell would act on; such a URL is quoted. */
function shellWord(text: string): string {
  return /^[\w.:/~-]+$/.test(text) ? text : `'${text.replaceAll('\'', '\'\\\'\'')}'`
}
