import { nextMessage, startModule } from '../children.ts'

/** The upstream registry, a process of its own. */
export interface RunningUpstream {
  /** Registry URL with a trailing slash. */
  origin: string
  /** The `dependencies` of an application whose whole tree it has. */
  root: Record<string, string>
  stop(): Promise<void>
}

export async function startUpstream(): Promise<RunningUpstream> {
  const child = startModule('upstream', new URL('./upstream.ts', import.meta.url))
  return { ...await nextMessage(child) as { origin: string, root: Record<string, string> }, stop: child.stop }
}
