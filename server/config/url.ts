import { BadValue } from './error.ts'
import { show } from './show.ts'

/**
 * The URL of a registry, or of this server: absolute, http(s), without credentials, query and hash; a trailing slash is added.
 * @throws {BadValue}
 */
export function parseBaseUrl(value: unknown): string {
  const url = parseHttpUrl(value)
  if (url.username !== '' || url.password !== '') {
    throw new BadValue(`${show(value)} holds credentials. Put them in the npm configuration (//host/:_authToken=…).`)
  }
  return withTrailingSlash(url, value).href
}

/**
 * As {@link parseBaseUrl}, but with user and password allowed, as npm allows them in its `registry` setting;
 * they become the value of an `authorization` header.
 * @throws {BadValue}
 */
export function parseUrlWithCredentials(value: unknown): { url: string, authorization?: string } {
  const url = parseHttpUrl(value)
  const { username, password } = url
  url.username = ''
  url.password = ''
  const { href } = withTrailingSlash(url, value)
  if (username === '' && password === '') return { url: href }
  return { url: href, authorization: basic(decode(username, value), decode(password, value)) }
}

/**
 * The URL of a receiver of webhooks: absolute, http(s), without credentials and hash, otherwise as it is written. Its query may
 * be what the receiver knows us by.
 * @throws {BadValue}
 */
export function parseReceiverUrl(value: unknown): string {
  const url = parseHttpUrl(value)
  // Neither is shown: both may hold a secret.
  if (url.username !== '' || url.password !== '') throw new BadValue('has credentials in its URL. Receivers know us by the secret\'s signature.')
  if (String(value).includes('#')) throw new BadValue('has a URL with a hash, which is never sent. Leave it out.')
  return String(value).trim()
}

/** @throws {BadValue} */
function parseHttpUrl(value: unknown): URL {
  if (typeof value !== 'string') throw new BadValue(`${show(value)} is not a URL. Write a text such as "https://registry.example/".`)
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:\/\//i.test(value.trim()) || !/^https?:$/.test(url.protocol)) {
    throw new BadValue(`${show(value)} is not an http(s) URL. Use http:// or https://.`)
  }
  return url
}

/** The value of a Basic `authorization` header, RFC 7617. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`
}

/**
 * A host name or address with an optional port, in lower case. As in a `host` header, 80 and 443 are left out.
 * @throws {BadValue}
 */
export function parseHost(value: unknown): string {
  const text = typeof value === 'string' ? value.trim() : ''
  // Parsed as the host of a URL so that it is normalised as the hosts it will be compared with.
  const url = /^[^\s/?#@\\]+$/.test(text) && URL.canParse(`https://${text}/`) ? new URL(`https://${text}/`) : undefined
  if (url === undefined || url.hostname === '') throw new BadValue(`${show(value)} is not a host. Write it like npm.example or npm.example:8080.`)
  return url.host.replace(/:80$/, '')
}

function withTrailingSlash(url: URL, value: unknown): URL {
  // The text is asked too: an empty query or hash leaves no trace in the parsed URL.
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(String(value))) {
    throw new BadValue(`${show(value)} has a query or a hash. Leave them out.`)
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

function decode(text: string, value: unknown): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new BadValue(`${show(value)} has credentials with a wrong percent encoding.`)
  }
}
