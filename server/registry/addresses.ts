import { lookup as dnsLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { RegistryError } from '../errors.ts'

/** SPEC: RFC 4291 2.4: all of IPv6 that is handed out for global use. Outside of it IPv4 addresses can hide, as in `::7f00:1`. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether an IP address is globally reachable: not private, loopback, link-local, multicast, reserved,
 * and not an IPv4 one of those in IPv6 clothes.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && (parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_IPV6))
}

/** The IP address a URL's host name spells out, if it is one. */
function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return ipaddr.isValid(bare) ? bare : undefined
}

/**
 * Refuses a URL that no upstream may send us to: another scheme than http(s), credentials in it, or an address
 * that only this machine or its network can reach. Names are checked again when they are resolved, by
 * {@link publicLookup}, because a name can point anywhere.
 * @throws RegistryError `FORBIDDEN_URL`
 */
export function assertPublicUrl(url: URL, named: string): void {
  const refuse = (why: string) => new RegistryError('FORBIDDEN_URL', `${named} points at ${url.protocol}//${url.host}, ${why}.`)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('which is not an http(s) URL')
  if (url.username || url.password) throw refuse('with credentials in the URL')
  const address = literalAddress(url.hostname)
  if (address && !isPublicAddress(address)) throw refuse('an address that is not public, and no configured registry lives there')
}

/**
 * Refuses a redirect that leaves https: whoever listens in on plain http could then answer for a registry that was asked safely.
 * @throws RegistryError `FORBIDDEN_URL`
 */
export function assertNoDowngrade(from: URL, to: URL): void {
  if (from.protocol !== 'https:' || to.protocol === 'https:') return
  throw new RegistryError('FORBIDDEN_URL', `${from.origin} redirects to ${to.protocol}//${to.host}, which is not https.`)
}

/** A `lookup` for outgoing connections that answers with public addresses only. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '')
    const reachable = addresses.filter(({ address }) => isPublicAddress(address))
    const [first] = reachable
    if (!first) {
      const message = `${hostname} resolves to an address that is not public, and no configured registry lives there.`
      return callback(new RegistryError('FORBIDDEN_URL', message), '')
    }
    if (options.all) return callback(null, reachable)
    callback(null, first.address, first.family)
  })
}
