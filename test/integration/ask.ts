import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import type { RegistryStatus } from '../../shared/types/status.ts'

/** An HTTP answer as it came over the wire: not decompressed, no redirect followed. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
  text: string
  /** Of the body, parsed. */
  json: Record<string, unknown>
  /** Wall time in milliseconds. */
  ms: number
}

interface Ask {
  method?: 'GET' | 'HEAD' | 'POST'
  headers?: Record<string, string>
  signal?: AbortSignal
}

export async function ask(url: string, { method = 'GET', headers, signal }: Ask = {}): Promise<Answer> {
  const started = performance.now()
  const response = await request(url, { method, headers, signal })
  const body = Buffer.from(await response.body.arrayBuffer())
  return {
    status: response.statusCode,
    headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
    body,
    get text() {
      return body.toString()
    },
    get json() {
      return JSON.parse(body.toString()) as Record<string, unknown>
    },
    ms: performance.now() - started,
  }
}

/** The versions that a packument lists. */
export function versionsOf(answer: Answer): string[] {
  return Object.keys(answer.json.versions as object)
}

export async function statusOf(server: { url: string }): Promise<RegistryStatus> {
  return JSON.parse((await ask(`${server.url}api/registry/status`)).text) as RegistryStatus
}

/** Waits until `holds` answers true; fails with `what` after `timeout` milliseconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeout = 10_000): Promise<void> {
  const end = Date.now() + timeout
  while (Date.now() < end) {
    if (await holds()) return
    await sleep(25)
  }
  throw new Error(`${what}: not within ${timeout} ms`)
}
