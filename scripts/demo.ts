/**
 * A server in the middle of registries that publish, lag, withdraw and lie, to look at: `npm run demo`, or with hot reload
 * `npm run demo -- --dev`. Ends with Ctrl+C.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createDemo, DEMO_ADMIN_TOKEN, type DemoSetup } from '../test/fixtures/demo.ts'
import { startServer } from '../test/fixtures/server.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const PORT = Number(process.env.PORT ?? 3000)
/** Milliseconds that the development server has to get ready. */
const PATIENCE = 180_000

interface Started {
  url: string
  npmUrl: string
  stop(): Promise<unknown>
}

const isDev = process.argv.includes('--dev')
const demo = await createDemo<Started>(isDev ? startDevelopment : setup => startServer({ ...setup, port: PORT }))
console.log(`\n  Demo      ${demo.server.url}\n  Operator  ${DEMO_ADMIN_TOKEN}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await demo.server.stop()
    await demo.close()
    process.exit()
  })
}

async function startDevelopment({ config, env }: DemoSetup): Promise<Started> {
  const scratch = await mkdtemp(join(tmpdir(), 'registry-demo-'))
  const file = join(scratch, 'registry.config.json')
  await writeFile(file, JSON.stringify(config))
  const child = spawn(process.execPath, [join(root, 'node_modules/nuxt/bin/nuxt.mjs'), 'dev', '--port', String(PORT), '--host', '127.0.0.1', '--no-fork'], {
    cwd: root, stdio: 'inherit',
    env: { ...process.env, ...env, REGISTRY_CONFIG: file, NUXT_DATA_DIR: join(scratch, 'data') },
  })
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${PORT}/`
  const end = Date.now() + PATIENCE
  for (;;) {
    const response = await fetch(`${url}health`).catch(() => undefined)
    if (response?.ok) break
    if (child.exitCode !== null || Date.now() > end) throw new Error('The development server does not get ready.')
    await sleep(250)
  }
  return {
    url,
    npmUrl: `${url}npm/`,
    async stop() {
      child.kill('SIGTERM')
      await exited
      await rm(scratch, { recursive: true, force: true })
    },
  }
}
