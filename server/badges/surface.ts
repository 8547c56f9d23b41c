import { createHash } from 'node:crypto'
import type { VersionBadge } from '../../shared/types/badges.ts'
import type { VerificationState } from '../../shared/verification/index.ts'
import { RegistryError } from '../errors.ts'
import { notAllowed, type HttpRequest, type HttpResponse } from '../http/index.ts'
import { matchesEtag } from '../npm/index.ts'
import { parseBadgePath } from './path.ts'
import { drawBadge } from './picture.ts'
import type { Badges } from './read.ts'

/** Pictures for READMEs: `/npm/<name>[@<version>].svg`. */
export type BadgeSurface = (request: HttpRequest) => Promise<HttpResponse>

export interface BadgeSurfaceOptions {
  badges: Badges
  isPrivate(name: string): boolean
  trouble(what: string, error: unknown): void
}

const ROUTE = 'badge'

/** Seconds that anybody may keep a picture. What stands stands; what is only not known yet soon may be. */
const KEPT: Readonly<Record<VerificationState, number>> = {
  'verified': 3_600,
  'recorded': 3_600,
  'withdrawn': 3_600,
  'mismatch': 600,
  'not-recorded': 60,
  'pending': 10,
  'unavailable': 10,
}
/** A malformed address stays one. */
const KEPT_MALFORMED = 86_400

export function createBadgeSurface({ badges, isPrivate, trouble }: BadgeSurfaceOptions): BadgeSurface {
  async function stateOf(name: string, asked: string | undefined): Promise<VersionBadge | undefined> {
    const version = asked ?? await badges.latest(name)
    if (version === undefined) return undefined
    const { badges: [badge] } = await badges.of([{ name, version }])
    return badge
  }

  return async (request) => {
    const { method, path, headers } = request
    if (method !== 'GET' && method !== 'HEAD') {
      return notAllowed('Pictures can only be read.', 'GET, HEAD', { route: ROUTE })
    }
    const target = parseBadgePath(path)
    if (target === undefined) {
      return answer(404, drawn('unknown path', 'no badge', 'There is no badge at this address. Badges are at /badge/npm/<name>[@<version>].svg.'), KEPT_MALFORMED, headers['if-none-match'])
    }
    if (target === 'malformed') {
      return answer(400, drawn('npm', 'not a package name', 'This address does not name a package, or a version of one.'), KEPT_MALFORMED, headers['if-none-match'])
    }
    const { name, version } = target
    const about = { route: ROUTE, ...(!isPrivate(name) && { package: name }) }
    const subject = version === undefined ? name : `${name}@${version}`
    try {
      const badge = await stateOf(name, version)
      const state = badge?.state ?? 'not-recorded'
      const shown = badge ? `${name}@${badge.version}` : subject
      const picture = drawBadge({ subject: shown, state, title: `${shown}: ${titleOf(state, badge)}` })
      return { ...answer(200, picture, KEPT[state], headers['if-none-match']), about }
    } catch (error) {
      if (!(error instanceof RegistryError)) trouble('drawing a badge', error)
      // Those who put pictures into pages show nothing at all for a 503.
      const picture = drawBadge({ subject, state: 'unavailable', title: `${subject}: ${titleOf('unavailable')}` })
      return { ...answer(200, picture, KEPT.unavailable, headers['if-none-match']), about }
    }
  }
}

function drawn(subject: string, text: string, title: string): string {
  return drawBadge({ subject, state: 'not-recorded', text, title })
}

function answer(status: number, picture: string, kept: number, known: string | undefined): HttpResponse {
  const body = Buffer.from(picture)
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  const isKnown = status === 200 && known !== undefined && matchesEtag(known, etag)
  return {
    status: isKnown ? 304 : status,
    headers: {
      'cache-control': `public, max-age=${kept}, stale-while-revalidate=${kept}`,
      etag,
      ...(!isKnown && { 'content-type': 'image/svg+xml; charset=utf-8', 'content-length': body.length }),
      // Opened by itself it is a document of our origin: it may do nothing at all.
      'content-security-policy': 'default-src \'none\'; style-src \'unsafe-inline\'; sandbox',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
    },
    ...(!isKnown && { body }),
    about: { route: ROUTE },
  }
}

/** What stands in the log, in a sentence that claims no more. */
function titleOf(state: VerificationState, badge?: VersionBadge): string {
  const record = badge?.index == null ? '' : `record ${badge.index} of ${badge.recorded!.slice(0, 10)}`
  switch (state) {
    case 'verified':
      return badge?.evidence === 'signed'
        ? `verified. The log has ${record}; the registry's signature was checked.`
        : `verified. The log has ${record}; the contents were downloaded and hashed.`
    case 'recorded':
      return `recorded, not verified. The log has ${record}; the registry signs nothing, so its digest is its word.`
    case 'pending':
      return 'pending. It is written down and not public yet.'
    case 'mismatch':
      return `mismatch. The log has ${record}; its registry gave other contents later.`
    case 'withdrawn':
      return `withdrawn. The log has ${record}; its registry no longer has it.`
    case 'not-recorded':
      return 'not recorded. The log has no record of it.'
    case 'unavailable':
      return 'unavailable. The log could not be read.'
  }
}
