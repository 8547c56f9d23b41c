import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { LogEntry, LogEntryPage } from '../../shared/types/log.ts'
import { createProject, type Project } from '../clients/harness.ts'
import { CLIENTS, type Client } from '../clients/tools/clients.ts'
import type { Settings } from '../clients/dialects.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer, type TestServerOptions } from '../fixtures/server.ts'

export const ADMIN_TOKEN = 'attacks-admin-token-0123456789'

const NPM: Client = CLIENTS.find(({ id }) => id === 'npm-11')!

/** Configuration with which every request asks the registry again. */
export const NEVER_FRESH = { cache: { fresh: 0, staleWhileRevalidate: 0, negative: 0 } }

/** A proxy of ours with registries around it that do what a test wants. Everything ends with the test. */
export interface World {
  server: TestServer
  /** Restarts the server on its data. */
  restart(): Promise<void>
  /** A project of a real client behind the server, with these dependencies. */
  project(dependencies: Record<string, string>, options?: { client?: Client, settings?: Partial<Settings> }): Promise<Project>
  records(kind: string): Promise<LogEntry[]>
  incidents(kind?: string): Promise<Incident[]>
  /** JSON of one of the server's own paths. */
  json<T>(path: string, init?: RequestInit): Promise<T>
}

interface Incident {
  id: number
  kind: string
  subject: string | null
  source: string
  sentence: string
  record: number | null
}

interface Sides {
  /** By id; the first is the default authority. */
  authorities: Record<string, FixtureRegistry>
  /** By id: registry and whose mirror it is. */
  mirrors?: Record<string, { registry: FixtureRegistry, of: string }>
  config?: Record<string, unknown>
  /** Added to the registries' entries, by id. */
  entries?: Record<string, object>
  env?: TestServerOptions['env']
}

/** A registry that ends with the test. */
export async function registry(options: Parameters<typeof createFixtureRegistry>[0] = {}): Promise<FixtureRegistry> {
  const created = await createFixtureRegistry(options)
  onTestFinished(() => created.close())
  return created
}

/** A registry with the same packages and keys as another one, under its own URL. */
export async function mirrorOf(authority: FixtureRegistry): Promise<FixtureRegistry> {
  const mirror = await registry({ hostname: new URL(authority.url).hostname as '127.0.0.1' | 'localhost' })
  mirror.sync(authority)
  mirror.keys.push(...authority.keys)
  return mirror
}

export async function world({ authorities, mirrors = {}, config = {}, entries = {}, env = {} }: Sides): Promise<World> {
  // Kept while the server is started anew.
  const dataDir = await mkdtemp(join(tmpdir(), 'attacks-data-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const options: TestServerOptions = {
    dataDir,
    config: {
      registries: [
        ...Object.entries(authorities).map(([id, { url }]) => ({ id, url, role: 'authority', namespace: `${id}.example`, ...entries[id] })),
        ...Object.entries(mirrors).map(([id, { registry: { url }, of }]) => ({ id, url, role: 'mirror', of, ...entries[id] })),
      ],
      probes: { interval: 0 },
      ...config,
    },
    env: { NUXT_ADMIN_TOKEN: ADMIN_TOKEN, ...env },
  }
  let server = await startServer(options)
  onTestFinished(async () => void await server.stop())

  const json = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const response = await fetch(new URL(path, server.url), init)
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`)
    return await response.json() as T
  }
  return {
    get server() {
      return server
    },
    async restart() {
      const port = Number(new URL(server.url).port)
      await server.stop()
      server = await startServer({ ...options, port })
    },
    async project(dependencies, { client = NPM, settings = {} } = {}) {
      const reached: Settings = { registry: server.npmUrl, retries: false, ageGate: false, ...settings }
      const created = await createProject(client, reached, { dependencies })
      onTestFinished(created.remove)
      return created
    },
    records: async kind => (await json<LogEntryPage>(`api/log/entries?kind=${kind}&limit=200`)).entries,
    async incidents(kind) {
      const { incidents } = await json<{ incidents: Incident[] }>('api/incidents?limit=100')
      return kind === undefined ? incidents : incidents.filter(incident => incident.kind === kind)
    },
    json,
  }
}
