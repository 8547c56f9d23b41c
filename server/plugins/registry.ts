import process from 'node:process'
import type { H3Event } from 'h3'
import { defineNitroPlugin, useRuntimeConfig } from 'nitropack/runtime'
import inspectWorkerCode from '#registry/inspect-worker'
import workerCode from '#registry/packument-worker'
import { version } from '../../package.json'
import { boot } from '../edge/boot.ts'
import { createMount } from '../edge/mount.ts'
import { currentlyRunning } from '../edge/running.ts'
import { surfacesBelow } from '../edge/surfaces.ts'

/**
 * Starts the server's domain and puts the surfaces in front of the whole framework: package names would otherwise meet
 * the host's redirects, hooks and routers, which read `%2f` in their own ways, and the hot path would pay for all of them.
 */
export default defineNitroPlugin((nitroApp) => {
  const base = useRuntimeConfig().app.baseURL.replace(/\/?$/, '/')
  const mount = createMount(surfacesBelow(base), currentlyRunning)
  const { h3App } = nitroApp
  const others = h3App.handler
  h3App.handler = Object.assign(
    (event: H3Event) => mount(event.node.req, event.node.res) ?? others(event),
    others,
  )

  void boot({ version, worker: { code: workerCode }, inspectWorker: { code: inspectWorkerCode }, surfacePath: `${base}npm/` })
  const stop = () => {
    const running = currentlyRunning()
    if (running) running.stopping = true
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  // Called when the last running request was answered.
  nitroApp.hooks.hook('close', async () => {
    const running = currentlyRunning()
    await running?.services.close()
    running?.requestLog.close()
  })
})
