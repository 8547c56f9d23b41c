import { hash, randomBytes } from 'node:crypto'

const TOKEN = /^npmx_[\w-]{43}$/

export function createToken(): string {
  return `npmx_${randomBytes(32).toString('base64url')}`
}

/** How a token is stored, and found. It is too random to be guessed from it. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'base64url')
}

/**
 * The token of ours that an `authorization` header carries: as `Bearer`, or as the password of `Basic`, whatever the user name
 * is. Undefined if what it carries cannot be one.
 */
export function tokenOf(authorization: string): string | undefined {
  // SPEC: RFC 9110 11.1: the scheme's case does not count.
  const [, scheme, credentials = ''] = /^(bearer|basic) +([\w+/=.~-]+) *$/i.exec(authorization) ?? []
  const token = scheme?.toLowerCase() === 'basic' ? passwordOf(credentials) : credentials
  return TOKEN.test(token) ? token : undefined
}

/** SPEC: RFC 7617 2: a user name has no colon. */
function passwordOf(credentials: string): string {
  const pair = Buffer.from(credentials, 'base64').toString('latin1')
  return pair.slice(pair.indexOf(':') + 1)
}
