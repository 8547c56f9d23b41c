import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { defineEventHandler, setResponseHeader, setResponseStatus } from 'h3'
import { currentlyRunning } from '../edge/running.ts'

/** 200 when this process can answer requests and should be sent some; 503 while it starts, stops or cannot write. */
export default defineEventHandler(async (event) => {
  setResponseHeader(event, 'cache-control', 'no-store')
  const running = currentlyRunning()
  const problem = await problemOf(running)
  if (problem) setResponseStatus(event, 503)
  return {
    status: problem ? 'unavailable' : 'ok',
    ...(problem && { problem }),
    // A log that cannot grow still serves what is recorded: no reason to send this process nothing any more.
    log: running?.services.log.status().state,
    upstreams: running?.services.config.registries.map(registry => ({
      id: registry.id,
      state: running.services.health.of(registry).state,
    })),
  }
})

async function problemOf(running: ReturnType<typeof currentlyRunning>): Promise<string | undefined> {
  if (!running) return 'The server is starting.'
  if (running.stopping) return 'The server is stopping.'
  try {
    await access(running.services.config.dataDir, constants.W_OK)
  } catch {
    return 'The data directory is not writable.'
  }
}
