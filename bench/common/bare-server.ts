/** The bare server, a process of its own: ready responses from a Map, 304 for a known ETag, nothing else. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { ReadyResponse } from './bare.ts'

const file = process.argv[2]
if (!file) throw new Error('usage: node bare.ts <file with ready responses>')

const responses = new Map((JSON.parse(readFileSync(file, 'utf8')) as ReadyResponse[]).map(({ path, accept, headers, body }) => {
  const { 'content-length': _length, 'content-encoding': _encoding, ...headersOf304 } = headers
  return [`${path} ${accept}`, { headers, headersOf304, body: Buffer.from(body, 'base64') }]
}))

const server = createServer((request, response) => {
  const found = responses.get(`${request.url} ${request.headers.accept ?? ''}`)
  if (!found) response.writeHead(404).end()
  else if (found.headers.etag && request.headers['if-none-match'] === found.headers.etag) response.writeHead(304, found.headersOf304).end()
  else response.writeHead(200, found.headers).end(found.body)
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address !== 'string') process.send?.(`http://127.0.0.1:${address.port}/`)
})
process.on('disconnect', () => process.exit())
