import { sign, verify, type KeyObject } from 'node:crypto'

/** ECDSA with SHA-256, in the thread pool: the event loop goes on meanwhile. */
export interface CryptoPool {
  /** @param signature DER; what is none does not verify */
  verify(message: string, signature: Uint8Array, key: KeyObject): Promise<boolean>
  /** @returns DER */
  sign(message: string, key: KeyObject): Promise<Buffer>
}

/** Files are read and written by the same threads, and must not wait for long behind signatures. */
const AT_ONCE = 64

/** @param atOnce signatures in the thread pool at any time; the others wait for their turn */
export function createCryptoPool(atOnce = AT_ONCE): CryptoPool {
  let running = 0
  const queue: (() => void)[] = []

  function run<T>(work: (done: (error: Error | null, result: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const start = () => work((error, result) => {
        const next = queue.shift()
        if (next) next()
        else running--
        if (error) reject(error)
        else resolve(result)
      })
      if (running < atOnce) {
        running++
        start()
      } else {
        queue.push(start)
      }
    })
  }

  // The key as it is, which implies DER: to tell options from keys costs Node.js as much time as the rest of the call.
  return {
    verify: (message, signature, key) => run(done => verify('sha256', Buffer.from(message), key, signature, done)),
    sign: (message, key) => run(done => sign('sha256', Buffer.from(message), key, done)),
  }
}
