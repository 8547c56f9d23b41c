import type { IncomingHttpHeaders } from 'node:http'
import { createSumdbSurface } from '../../../server/sumdb/index.ts'
import type { SumdbServices } from '../../../server/sumdb/types.ts'
import type { ClientLimit, HttpResponse } from '../../../server/http/index.ts'
import { RegistryError } from '../../../server/errors.ts'
import { createMemoryLog, type MemoryLog, type VersionDraft } from './memory-log.ts'

export interface Answer {
  status: number
  headers: HttpResponse['headers']
  body: Buffer
  text: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test says what it expects to be in it
  json: any
  about: HttpResponse['about']
}

interface Ask {
  method?: string
  headers?: IncomingHttpHeaders
  body?: string | Uint8Array
  address?: string
}

/** The surface over a log in memory, and what it asked its services for. */
export interface TestSumdb {
  log: MemoryLog
  /** Versions that the authority has and the log does not. */
  upstream: Map<string, VersionDraft>
  /** What was recorded on demand, and what was verified. */
  recorded: string[]
  verified: unknown[]
  troubles: unknown[]
  /** What it answers, and whether that needed a promise. */
  askNow(path: string, ask?: Ask): Promise<HttpResponse> | HttpResponse
  ask(path: string, ask?: Ask): Promise<Answer>
}

export function createTestSumdb(services: Partial<SumdbServices> = {}, limit?: ClientLimit): TestSumdb {
  const log = createMemoryLog()
  const upstream: TestSumdb['upstream'] = new Map()
  const recorded: string[] = []
  const verified: unknown[] = []
  const troubles: unknown[] = []
  const surface = createSumdbSurface({
    log,
    subjectOf: async (name, version) => name.startsWith('@acme/') ? { name, version, namespace: 'acme.example/npm' } : { name, version },
    isOpen: () => false,
    async recordVersion(name, version) {
      recorded.push(`${name}@${version}`)
      const draft = upstream.get(`${name}@${version}`)
      if (!draft) throw new RegistryError('VERSION_NOT_FOUND', `${name} has no version ${version}.`)
      await log.record([draft])
      return (await log.findVersion(draft.subject))!
    },
    isPrivate: name => name.startsWith('@private/'),
    async verifySignature(signed) {
      verified.push(signed)
      if (signed.signature.signature !== 'AAAA') throw new RegistryError('NOT_VERIFIED', 'The signature does not verify.')
    },
    trouble: (...trouble) => troubles.push(trouble),
    ...services,
  }, limit)

  function askNow(path: string, { method = 'GET', headers = {}, body, address = '192.0.2.1' }: Ask = {}) {
    const chunks = async function* () {
      if (body !== undefined) yield Buffer.from(body)
    }
    return surface({ method, path, headers, body: chunks(), socket: { remoteAddress: address } })
  }

  return {
    log, upstream, recorded, verified, troubles, askNow,
    async ask(path, ask) {
      const { status, headers, body, about } = await askNow(path, ask)
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
      return {
        status, headers, about, body: bytes, text: bytes.toString(),
        get json() {
          return JSON.parse(bytes.toString())
        },
      }
    },
  }
}
