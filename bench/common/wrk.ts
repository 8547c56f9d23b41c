import { fileURLToPath } from 'node:url'
import { output } from './children.ts'

export interface Load {
  requests: number
  requestsPerSecond: number
  /** Milliseconds. */
  p50: number
  p99: number
  /** Answers of status 400 and above, failed connections, reads and writes, and requests without an answer in time. */
  failures: number
}

export const CONNECTIONS = 32

const script = fileURLToPath(new URL('./report.lua', import.meta.url))

/** Asks for one URL over and over, from one thread and 32 connections. */
export async function load(url: string, headers: Record<string, string>, seconds: number): Promise<Load> {
  const sent = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, `--timeout=${seconds}s`, '-s', script, ...sent, url]
  const stdout = await output('wrk', args, { timeout: (seconds + 15) * 1000 })
  const numbers = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>
  const of = (name: string) => numbers[name] ?? 0
  return {
    requests: of('requests'),
    requestsPerSecond: of('requests') / (of('duration') / 1e6),
    p50: of('p50') / 1000,
    p99: of('p99') / 1000,
    failures: of('status') + of('connect') + of('read') + of('write') + of('timeout'),
  }
}
