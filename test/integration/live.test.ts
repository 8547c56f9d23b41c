import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { startServer } from '../fixtures/server.ts'
import { until } from './ask.ts'

const run = promisify(execFile)
const TIMEOUT = 40_000
/** Variables that decide about our server, which is not the operator's. */
const OURS = /^(?:NITRO_.*|NUXT_.*|PORT|HOST|REGISTRY_CONFIG|NODE_ENV)$/

it('installs a package from the operator\'s own registry with the real npm', async (context) => {
  const scratch = await mkdtemp(join(tmpdir(), 'registry-live-'))
  context.onTestFinished(() => rm(scratch, { recursive: true, force: true }))
  // As the operator is: their home, their npm configuration, their proxy.
  const npm = (args: string[], env: NodeJS.ProcessEnv = process.env) =>
    run('npm', [...args, '--cache', join(scratch, 'cache'), '--fetch-retries=0', '--fetch-timeout=15000'], { cwd: scratch, env, timeout: TIMEOUT })

  let version: string
  try {
    version = JSON.parse((await npm(['view', 'is-number', 'version', '--json'])).stdout) as string
  } catch (error) {
    const [reason] = String((error as { stderr?: string }).stderr ?? error).split('\n').filter(line => line.includes('error'))
    const why = `The operator's own registry cannot be reached from here, so nothing was installed: ${reason ?? String(error)}`
    // The usual reporter keeps the reason of a skipped test to itself.
    console.warn(why)
    return context.skip(why)
  }

  const operator = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)))
  const server = await startServer({ env: { npm_config_userconfig: undefined, npm_config_globalconfig: undefined, ...operator } })
  context.onTestFinished(() => server.kill())
  await writeFile(join(scratch, 'package.json'), '{ "name": "live", "private": true }')
  await npm(['install', `is-number@${version}`, '--registry', server.npmUrl, '--no-audit', '--no-fund', '--ignore-scripts'])
  const installed = JSON.parse(await readFile(join(scratch, 'node_modules/is-number/package.json'), 'utf8')) as { version: string }
  expect(installed.version).toBe(version)
  await until('the request is logged', () => server.logs().some(({ route, package: name, status, client }) =>
    route === 'packument' && name === 'is-number' && status === 200 && String(client).startsWith('npm/')))
}, 120_000)
