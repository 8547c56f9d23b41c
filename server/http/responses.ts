import { RegistryError } from '../errors.ts'
import type { About, HttpResponse } from './types.ts'

const LONGEST_SENTENCE = 500

/** A small JSON answer that nobody should keep. */
export function json(status: number, value: unknown, about: About, headers: Record<string, string | number> = {}): HttpResponse {
  const body = Buffer.from(JSON.stringify(value))
  return {
    status,
    headers: { 'content-type': 'application/json', 'content-length': body.length, 'cache-control': 'no-store', ...headers },
    body,
    about,
  }
}

/**
 * An error in the four places where clients look for its reason: `error` and `message` of the body, the reason phrase,
 * and `npm-notice`.
 */
export function refusal(error: unknown, about: About): HttpResponse {
  const known = error instanceof RegistryError
    ? error
    // What we did not foresee is ours to read in the log, not the client's.
    : new RegistryError('INTERNAL', 'This server failed to answer; its log says why.')
  const sentence = known.message.slice(0, LONGEST_SENTENCE)
  const response = json(known.status, { error: sentence, message: sentence, code: known.code }, { ...about, code: known.code }, {
    'npm-notice': headerText(sentence),
    ...(known.retryAfter !== undefined && { 'retry-after': known.retryAfter }),
    // The rest of the body may still be on its way, and nobody reads it.
    ...(known.code === 'BODY_TOO_LARGE' && { connection: 'close' }),
  })
  return { ...response, reason: headerText(sentence) }
}

/** SPEC: RFC 9110 15.5.6: a 405 says what is allowed, even if nothing is. */
export function notAllowed(sentence: string, allow: string, about: About): HttpResponse {
  const response = refusal(new RegistryError('METHOD_NOT_ALLOWED', sentence), about)
  response.headers.allow = allow
  return response
}

/**
 * SPEC: RFC 9112 4: reason-phrase = 1*( HTAB / SP / VCHAR / obs-text ). Upstream text ends up in here, so everything else,
 * line breaks above all, becomes a question mark.
 */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}
