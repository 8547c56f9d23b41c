import { createHash } from 'node:crypto'
import { RegistryError } from '../errors.ts'
import { json, type About, type HttpRequest, type HttpResponse } from '../http/index.ts'
import { KEY_TYPE } from '../registry/index.ts'
import { matchesEtag } from './etag.ts'
import { keeping } from './keeping.ts'
import type { NpmServices } from './types.ts'
import type { View } from './view.ts'

/** Seconds. Registries give their keys months before they sign with them. */
const MAX_AGE = 300

/**
 * The signing keys of all registries, as npm's clients read them: also those that expired or are no longer published, because
 * what they signed is still installed. A registry that is down changes nothing.
 * @throws RegistryError `NOT_FOUND` if no key is known, which clients take for a registry that does not sign
 */
export async function serveKeys(request: HttpRequest, view: View, services: NpmServices, about: About): Promise<HttpResponse> {
  const known = await services.keys(view.keysOf)
  if (known.length === 0) throw new RegistryError('NOT_FOUND', 'No registry behind this one publishes signing keys, as far as it knows.')
  const keys = known.map(({ keyid, key, expires = null }) => ({ expires, keyid, keytype: KEY_TYPE, scheme: KEY_TYPE, key }))
  const etag = `"${createHash('sha256').update(JSON.stringify(keys)).digest('base64url').slice(0, 32)}"`
  const headers = {
    etag,
    // Whose keys somebody wants to receive depends on the token.
    ...keeping(view, `public, max-age=${MAX_AGE}`),
  }
  const tags = request.headers['if-none-match']
  if (tags !== undefined && matchesEtag(tags, etag)) return { status: 304, headers, about }
  return json(200, { keys }, about, headers)
}
