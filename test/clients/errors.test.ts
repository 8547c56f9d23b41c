import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createFixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer } from '../fixtures/server.ts'
import { DIALECTS } from './dialects.ts'
import { createProject } from './harness.ts'
import { CLIENTS } from './tools/clients.ts'
import type { FixtureRegistry } from '../fixtures/registry/index.ts'
import type { ClientId } from './tools/clients.ts'

/** What of a refusal a client shows: its sentence from the body or from the reason phrase, or only the status. */
type Place = 'body' | 'reason phrase' | 'status'

const SHOWN: Record<ClientId, Place> = {
  'npm-10': 'body',
  'npm-11': 'body',
  'npm-12': 'body',
  'pnpm-10': 'reason phrase',
  'pnpm-11': 'reason phrase',
  'pnpm-12': 'status', // with the phrase that HTTP has for it
  'yarn-1': 'body',
  'yarn-berry': 'reason phrase',
  'bun': 'status',
}

const CASES = [
  { name: 'fx-missing', path: 'fx-missing', status: 404, code: 'NOT_FOUND' },
  { name: 'fx-refused', path: 'fx-refused', status: 403, code: 'FORBIDDEN_URL' },
  { name: 'fx-broken', path: 'fx-broken', status: 503, code: 'UPSTREAM_UNAVAILABLE' },
  { name: 'fx-tampered', path: 'fx-tampered/-/fx-tampered-1.0.0.tgz', status: 403, code: 'CONFLICT' },
] as const

let registry: FixtureRegistry
let server: Awaited<ReturnType<typeof startServer>>

beforeAll(async () => {
  registry = await createFixtureRegistry()
  await registry.publish({ name: 'fx-tampered', version: '1.0.0' })
  registry.setTarball('fx-tampered', '1.0.0', gzipSync('other bytes'))
  registry.fault({ path: '/fx-refused' }, { redirect: 'http://169.254.169.254/latest/meta-data' })
  registry.fault({ path: '/fx-broken' }, { status: 503 })
  server = await startServer({
    config: {
      registries: [{ id: 'fixture', url: registry.url, role: 'authority' }],
      tarballs: 'self',
      delivery: 'serve',
      limits: { retries: 0 },
    },
  })
  // Found out once; from then on everybody hears that it is known.
  await fetch(new URL('fx-tampered/-/fx-tampered-1.0.0.tgz', server.npmUrl))
})
afterAll(async () => {
  await server.stop()
  await registry.close()
})

describe.each(CASES)('$status $code', ({ name, path, status, code }) => {
  it.each(CLIENTS)('is explained by $id', async (client) => {
    const answer = await fetch(new URL(path, server.npmUrl))
    const { error, code: actual } = await answer.json() as { error: string, code: string }
    expect([answer.status, actual]).toEqual([status, code])

    const project = await createProject(client, { registry: server.npmUrl, retries: false }, { dependencies: { [name]: '1.0.0' } })
    onTestFinished(project.remove)
    const run = await project.run(DIALECTS[client.family].install)
    expect(run.code).toBeGreaterThan(0)
    // Yarn 1 has its own words for tarballs, and when it gives up on a 5xx.
    const isPlain = client.id === 'yarn-1' && (status === 503 || path.endsWith('.tgz'))
    const place = isPlain ? 'status' : SHOWN[client.id]
    const shown = { 'body': error, 'reason phrase': answer.statusText, 'status': String(status) }[place]
    expect(unwrapped(run.output)).toContain(unwrapped(shown))
  })
})

/** Text without the line breaks and the frame that some clients put around it. */
function unwrapped(text: string): string {
  return text.replace(/[\s│|]/g, '')
}
