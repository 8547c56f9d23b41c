import { request, type IncomingHttpHeaders } from 'node:http'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'

export interface RawAnswer {
  status: number
  reason: string
  headers: IncomingHttpHeaders
  /** As it came over the wire. */
  body: Buffer
  /** Decompressed, parsed. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test says what it expects to be in it
  json: any
}

export interface RawAsk {
  method?: string
  headers?: Record<string, string>
  body?: Buffer | string
}

const DECODERS: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync,
}

/** Asks for a path exactly as it is written: nothing normalises it, no header is added but `host`, no redirect is followed. */
export function askRaw(base: string, path: string, { method = 'GET', headers = {}, body }: RawAsk = {}): Promise<RawAnswer> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const bytes = Buffer.concat(chunks)
        resolve({
          status: response.statusCode!,
          reason: response.statusMessage!,
          headers: response.headers,
          body: bytes,
          get json() {
            const decode = DECODERS[response.headers['content-encoding'] ?? '']
            return JSON.parse((decode ? decode(bytes) : bytes).toString())
          },
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
