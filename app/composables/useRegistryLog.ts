import { createVerifier } from '../../shared/tlog/index.ts'
import { createMemory, rememberedKey, rememberKey, type Memory } from '../verification/memory.ts'
import { openLog, type BelievedLog } from '../verification/log.ts'
import { verifySignature } from '../verification/signature.ts'

let opened: Promise<BelievedLog> | undefined
let ownMemory: Memory | undefined

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
    /**
     * From now on only this key counts.
     * @throws TlogError `MALFORMED` for what is no Ed25519 key
     */
    pin(vkey: string) {
      createVerifier(vkey, verifySignature)
      rememberKey(memory(), vkey)
      opened = undefined
    },
    /** The key that counts; only a browser that has none yet asks for it. */
    async key(): Promise<Pick<BelievedLog, 'vkey' | 'verifier'>> {
      const vkey = rememberedKey(memory())
      return vkey === undefined ? this.open() : { vkey, verifier: createVerifier(vkey, verifySignature) }
    },
    /** What this browser remembers of logs. */
    memory,
  }
}

function memory(): Memory {
  try {
    localStorage.getItem('registry')
    return localStorage
  } catch {
    // Blocked by the browser's settings.
    return ownMemory ??= createMemory()
  }
}
