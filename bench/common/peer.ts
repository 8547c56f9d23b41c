/** A server under measurement. */
export interface Peer {
  name: 'us' | 'bare' | 'nginx' | 'verdaccio'
  version: string
  /** Registry URL with a trailing slash. */
  url: string
  /** The process that does the work. */
  pid: number
  stop(): Promise<void>
}
