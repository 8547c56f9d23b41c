import { RegistryError } from '../errors.ts'
import { notAllowed, refusal, type About, type ClientLimit, type HttpRequest, type HttpResponse } from '../http/index.ts'
import { add } from './add.ts'
import { FOR_A_MINUTE, FOR_SECONDS, OPEN, text } from './answers.ts'
import { createRecordLimit } from './clients.ts'
import { createLookups, NOT_FOR_GO, type Lookups } from './lookup.ts'
import { parseSumdbPath, type Target } from './path.ts'
import { createTiles, type Tiles } from './tiles.ts'
import type { SumdbServices } from './types.ts'

/** Answers one request; neither throws nor rejects. What is ready is answered at once. */
export type SumdbSurface = (request: HttpRequest) => Promise<HttpResponse> | HttpResponse

/** What keeps state between requests. */
interface Parts {
  services: SumdbServices
  tiles: Tiles
  lookups: Lookups
  limit: ClientLimit
}

/** The checksum database as C2SP's tlog-tiles and Go's sumdb clients read it. */
export function createSumdbSurface(services: SumdbServices, limit: ClientLimit = createRecordLimit()): SumdbSurface {
  const parts: Parts = { services, limit, tiles: createTiles(services.log), lookups: createLookups(services, limit) }
  return (request) => {
    const reads = request.method === 'GET' || request.method === 'HEAD'
    // Warm, nothing is parsed or awaited.
    const ready = reads ? parts.tiles.ready(request) : undefined
    if (ready) return ready
    const target = parseSumdbPath(request.path)
    const about = aboutOf(target, services)
    return respond(request, target, reads, parts, about).catch((error: unknown) => {
      if (!(error instanceof RegistryError)) services.trouble(`answering ${about.route}`, error)
      return open(refusal(error, about))
    })
  }
}

async function respond(request: HttpRequest, target: Target, reads: boolean, parts: Parts, about: About): Promise<HttpResponse> {
  if (request.method === 'OPTIONS') return preflight(target, about)
  const { services: { log }, tiles, lookups, services, limit } = parts
  if (target.route === 'add') {
    if (request.method !== 'POST') return open(notAllowed('Records are added with POST.', 'POST, OPTIONS', about))
    return open(await add(request, services, limit, about))
  }
  if (!reads) return open(notAllowed('The checksum database is read with GET; only /add takes POST.', 'GET, HEAD, OPTIONS', about))
  switch (target.route) {
    case 'checkpoint': return text((await log.head()).checkpoint, FOR_SECONDS, about)
    case 'go-latest': return latest(parts, about)
    case 'vkey': return text(`${log.vkey}\n`, FOR_A_MINUTE, about)
    case 'go-vkey': return text(`${log.goVkey}\n`, FOR_A_MINUTE, about)
    case 'go-supported': return text('', FOR_A_MINUTE, about)
    case 'tile':
    case 'go-tile':
    case 'entries':
    case 'go-data': return tiles.load(target, request, about)
    case 'lookup':
    case 'proof':
    case 'go-lookup': return lookups.answer(target, request, about)
    case 'malformed': throw new RegistryError('BAD_REQUEST', `This path is not of the form ${target.form}.`)
    default: throw new RegistryError('BAD_NAME', 'This path is nothing that this checksum database knows; it has /checkpoint, /tile/, /lookup/npm/ and /vkey.')
  }
}

async function latest({ services: { log } }: Parts, about: About): Promise<HttpResponse> {
  const { size, goNote } = await log.head()
  // Go's clients before June 2024 compute another root for the empty tree, and would report an attack.
  if (size === 0) throw new RegistryError('NOT_FOUND', 'The log is empty yet.')
  if (goNote === undefined) throw new RegistryError('NOT_FOUND', NOT_FOR_GO)
  return text(goNote, FOR_SECONDS, about)
}

/** SPEC: Fetch 3.3.3: a browser asks before it sends what a form could not. */
function preflight({ route }: Target, about: About): HttpResponse {
  const methods = route === 'add' ? 'POST' : 'GET, HEAD'
  return {
    status: 204,
    headers: { ...OPEN, 'access-control-allow-methods': methods, 'access-control-allow-headers': '*', 'access-control-max-age': 86_400 },
    about,
  }
}

/** Errors too are for the code of web pages to read. */
function open(response: HttpResponse): HttpResponse {
  Object.assign(response.headers, OPEN)
  return response
}

function aboutOf(target: Target, { isPrivate }: SumdbServices): About {
  const about: About = { route: `sumdb-${target.route}` }
  if ('name' in target && !isPrivate(target.name)) about.package = target.name
  return about
}
