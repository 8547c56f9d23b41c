/**
 * A registry that signs, for as long as its parent lives: `signed-<n>` has so many versions, any name that begins so as well. A
 * HEAD of any tarball says that it is there. Sends its URL when it is ready.
 */
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { AddressInfo } from 'node:net'
import { createKey, signedPackument } from './signed.ts'

const key = createKey()
const documents = new Map<string, Buffer>()

function documentOf(name: string, origin: string): Buffer {
  let document = documents.get(name)
  if (!document) {
    const versions = Number(/^signed-(\d+)/.exec(name)?.[1] ?? 1)
    document = gzipSync(JSON.stringify(signedPackument(name, versions, origin, key)))
    documents.set(name, document)
  }
  return document
}

const server = createServer((request, response) => {
  const origin = `http://${request.headers.host}/`
  const path = request.url ?? '/'
  const answer = (body: Buffer, encoding?: string) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length, ...(encoding && { 'content-encoding': encoding }) })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  if (path === '/-/npm/v1/keys') answer(Buffer.from(JSON.stringify({ keys: [key.served] })))
  else if (path.endsWith('.tgz') || path === '/-/ping') answer(Buffer.from('{}'))
  else if (path.startsWith('/-/')) response.writeHead(404).end('{}')
  else answer(documentOf(decodeURIComponent(path.slice(1)), origin), 'gzip')
})
server.listen(0, '127.0.0.1', () => process.send!({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }))
process.on('disconnect', () => process.exit())
