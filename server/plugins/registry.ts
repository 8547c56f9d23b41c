import process from 'node:process'
import { defineNitroPlugin, useRuntimeConfig } from 'nitropack/runtime'
import workerCode from '#registry/packument-worker'
import { version } from '../../package.json'
import { boot } from '../edge/boot.ts'
import { createNpmMount } from '../edge/mount.ts'
import { currentlyRunning } from '../edge/running.ts'

/**
 * Starts the server's domain and puts the npm surface in front of everything else: package names would otherwise meet
 * the host's redirects and routers, and a hot path of megabytes would pay for them.
 */
export default defineNitroPlugin((nitroApp) => {
  const surfacePath = `${useRuntimeConfig().app.baseURL.replace(/\/$/, '')}/npm/`
  const mount = createNpmMount(surfacePath, currentlyRunning)
  nitroApp.h3App.stack.unshift({
    route: '/',
    match: (_path, event) => event !== undefined && mount.matches(event.node.req),
    handler: event => mount.handle(event.node.req, event.node.res),
  })

  void boot({ version, worker: { code: workerCode }, surfacePath })
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
    running?.log.close()
  })
})
