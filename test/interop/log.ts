import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFixtureRegistry, type FixtureRegistry, type Manifest } from '../fixtures/registry/index.ts'
import { startServer } from '../fixtures/server.ts'

/** Our built server with a log of its own, in front of a registry that signs. */
export interface TestLog {
  registry: FixtureRegistry
  /** Base URL of the checksum database, with a trailing slash. */
  sumdb: string
  vkey: string
  goVkey: string
  /** The checkpoint that is public now. */
  checkpoint(): Promise<string>
  /** Publishes a new package upstream, which is one record; the log does not know it yet. */
  publishNext(): Promise<Manifest>
  /** Publishes and asks for new versions until the log has exactly this many records. */
  growTo(size: number): Promise<void>
  /** Ends the server's process and starts another one on the same data, at the same port. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** @param signerKey `PRIVATE+KEY+…`; by default the log makes its own @param prefix of the packages that it grows by */
export async function startLog({ signerKey, prefix = 'fx' }: { signerKey?: string, prefix?: string } = {}): Promise<TestLog> {
  const registry = await createFixtureRegistry({ sign: true })
  const dataDir = await mkdtemp(join(tmpdir(), 'interop-data-'))
  const start = (port?: number) => startServer({
    config: { registries: [{ id: 'npm', url: registry.url, role: 'authority' }] },
    env: { ...(signerKey !== undefined && { NUXT_SUMDB_SIGNER_KEY: signerKey }) },
    dataDir,
    port,
  })
  let server = await start()
  const sumdb = `${server.url}sumdb/`
  let published = 0

  /** Without tags, whose record would stand beside each version's. */
  async function publish(name: string, version: string): Promise<Manifest> {
    const manifest = await registry.publish({ name, version })
    registry.editPackument(name, (document) => {
      document['dist-tags'] = {}
    })
    return manifest
  }

  const log: TestLog = {
    registry,
    sumdb,
    vkey: (await text(`${sumdb}vkey`)).trim(),
    goVkey: (await text(`${sumdb}go/vkey`)).trim(),
    checkpoint: () => text(`${sumdb}checkpoint`),
    publishNext: () => publish(`${prefix}-${++published}`, '1.0.0'),
    async growTo(size) {
      // The registry's keys are recorded when somebody first wants them: that must not come in between.
      await text(`${server.npmUrl}-/npm/v1/keys`)
      // What a registry shows of a package is recorded before it is served: all its versions at once.
      const missing = size - sizeOf(await log.checkpoint())
      if (missing > 1) {
        const name = `${prefix}-many-${++published}`
        for (let patch = 1; patch < missing; patch++) await publish(name, `1.0.${patch}`)
        await text(`${server.npmUrl}${name}`)
      }
      // The last ones one by one: whatever else the log keeps counts as well.
      while (sizeOf(await log.checkpoint()) < size) {
        const { name, version } = await log.publishNext()
        await text(`${sumdb}lookup/npm/${name}@${version}`)
      }
      const reached = sizeOf(await log.checkpoint())
      if (reached !== size) throw new Error(`The log has ${reached} records, not ${size}`)
    },
    async restart() {
      await server.stop()
      server = await start(Number(new URL(server.url).port))
    },
    async close() {
      await server.stop()
      await registry.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  return log
}

/** The number of records that a checkpoint commits to. */
export function sizeOf(checkpoint: string): number {
  return Number(checkpoint.split('\n')[1])
}

async function text(url: string): Promise<string> {
  const response = await fetch(url)
  const body = await response.text()
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${body}`)
  return body
}
