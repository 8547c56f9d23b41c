import { Buffer } from 'node:buffer'
import type { About, HttpResponse } from '../http/index.ts'

/** SPEC: tlog-tiles: a tile or bundle of a given width never changes, so caches may keep it for ever. */
export const FOR_EVER = 'public, max-age=31536000, immutable'
/** SPEC: tlog-tiles: clients are to see a new checkpoint within seconds; until then shared caches take the load. */
export const FOR_SECONDS = 'public, max-age=2'
/** The record in it never changes, the checkpoint below it is old after a minute but still true. */
export const FOR_A_MINUTE = 'public, max-age=60'

export const TEXT = 'text/plain; charset=utf-8'
export const BYTES = 'application/octet-stream'

/** Whatever is read here may be read from any web page: it is public and carries nobody's identity. */
export const OPEN = { 'access-control-allow-origin': '*' } as const

export function answer(body: Buffer, type: string, caching: string, about: About): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': type, 'content-length': body.length, 'cache-control': caching, ...OPEN },
    body,
    about,
  }
}

export function text(content: string, caching: string, about: About): HttpResponse {
  return answer(Buffer.from(content), TEXT, caching, about)
}
