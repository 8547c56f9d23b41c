/** What a writer does when it is told to. */
export type Command
  = | { do: 'open', dataDir: string, world: string }
    | { do: 'append', count: number }
    /** Packages arrive at a rate of records per second, whether or not the last ones are recorded. */
    | { do: 'append at pace', rate: number, seconds: number }
    | { do: 'settings' | 'close' }

/** Records that were appended one after the other as fast as it goes. */
export interface Chunk {
  records: number
  seconds: number
  cpuSeconds: number
}

/** Records that arrived on a schedule. */
export interface Paced {
  records: number
  /** Records per second. */
  rate: number
  /** Of each package from its scheduled arrival until it was acknowledged, in milliseconds. */
  latencies: number[]
  /** How late the event loop was, in milliseconds. */
  loopDelay: { p50: number, p99: number, max: number }
}
