import { createMemory, type Memory } from '../verification/memory.ts'
import { openLog, type BelievedLog } from '../verification/log.ts'

let opened: Promise<BelievedLog> | undefined

/**
 * The log of this server, as the browser believes it; opened once for all pages. Only for the browser: what the server would
 * verify for itself proves nothing to its visitor.
 */
export function useRegistryLog() {
  const { app: { baseURL } } = useRuntimeConfig()
  return {
    open(): Promise<BelievedLog> {
      opened ??= openLog(new URL(`${baseURL.replace(/\/?$/, '/')}sumdb/`, location.href).href, memory()).catch((error) => {
        opened = undefined
        throw error
      })
      return opened
    },
    /** Opened anew the next time, as after another key was chosen. */
    forget() {
      opened = undefined
    },
  }
}

function memory(): Memory {
  try {
    localStorage.getItem('registry')
    return localStorage
  } catch {
    // Blocked by the browser's settings.
    return createMemory()
  }
}
