import { defineTask } from 'nitropack/runtime'
import { currentlyRunning } from '../../edge/running.ts'

/** Runs every minute; whether the sources are due for a look is decided by configuration and by what the database says. */
export default defineTask({
  meta: { name: 'registries:probe', description: 'Measures registries and mirrors, and compares them with the log' },
  async run() {
    const running = currentlyRunning()
    if (!running || running.stopping) return { result: 'not running' }
    return { result: await running.services.compare.whenDue() ? 'measured' : 'not due' }
  },
})
