import type { About, HttpRequest, HttpResponse } from '../http/index.ts'
import { parseRange, rangeApplies, type Source, type Stored, type Tarballs } from '../tarball/index.ts'

/** A version's bytes, and who can deliver them. */
export interface Wanted {
  /** For sentences: `is-number@7.0.0`. */
  what: string
  integrity: string
  sources: readonly Source[]
  /** False for what needs a token or a certificate upstream: no cache that others share may keep it. */
  shareable: boolean
}

/**
 * Answers with verified bytes: from the store, or from a download that everybody who asks shares. A part, or only the length, can
 * be told once all bytes are here, so such a request waits for them.
 */
export async function serveBytes(wanted: Wanted, request: HttpRequest, tarballs: Tarballs, about: About): Promise<HttpResponse> {
  const { what, integrity, sources, shareable } = wanted
  const headers = {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'etag': `"${integrity}"`,
    'cache-control': `${shareable ? 'public' : 'private'}, max-age=3600`,
  }
  if (request.headers['if-none-match'] === headers.etag) return { status: 304, headers, about: { ...about, tier: 'memory' } }

  const found = await tarballs.store.find(integrity)
  const needsAll = request.method === 'HEAD' || request.headers.range !== undefined
  const stored = found ?? (needsAll ? await tarballs.downloads.fetch(integrity, sources, what).done : undefined)
  const answer = stored && await fromStore(stored, integrity, headers, request, tarballs)
  if (answer) return { ...answer, about: { ...about, tier: found ? 'disk' : 'downloaded' } }

  // Not stored, found damaged, or too large to be kept: the whole, which is always a right answer to a range.
  const download = tarballs.downloads.fetch(integrity, sources, what)
  const { size } = await download.head()
  return {
    status: 200,
    headers: { ...headers, ...(size !== undefined && { 'content-length': size }) },
    body: download.reader(),
    about: { ...about, tier: 'downloaded' },
  }
}

/** The stored bytes, or the part that was asked for; undefined if they are gone by now. */
async function fromStore(
  { size }: Stored, integrity: string, headers: { [name: string]: string, etag: string }, request: HttpRequest,
  { store }: Tarballs,
): Promise<Omit<HttpResponse, 'about'> | undefined> {
  const ifRange = request.headers['if-range']
  const range = rangeApplies(Array.isArray(ifRange) ? ifRange[0] : ifRange, headers.etag)
    ? parseRange(request.headers.range, size)
    : 'none'
  if (range === 'unsatisfiable') return { status: 416, headers: { 'content-range': `bytes */${size}`, 'content-length': 0 } }

  const [status, part] = range === 'none' ? [200] as const : [206, range] as const
  const answer = {
    status,
    headers: {
      ...headers,
      'content-length': part ? part.end - part.start + 1 : size,
      ...(part && { 'content-range': `bytes ${part.start}-${part.end}/${size}` }),
    },
  }
  if (request.method === 'HEAD') return answer
  const body = await store.open(integrity, part)
  return body && { ...answer, body }
}
