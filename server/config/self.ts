import { hostname, networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'

/** What tells our own address from an upstream's. */
export interface Self {
  /** Where we listen. */
  port: number
  /** Names and addresses of this machine, in lower case, without brackets. */
  machine: ReadonlySet<string>
  /** Hosts, with a port if it is not the scheme's, under which clients reach us. */
  hosts: readonly string[]
}

export function describeSelf(
  { port, host, publicUrl, registryHosts }: { port: number, host?: string, publicUrl: string, registryHosts: readonly string[] },
): Self {
  const addresses = Object.values(networkInterfaces()).flatMap(entries => entries ?? []).map(({ address }) => address)
  return {
    port,
    machine: new Set([hostname(), ...(host === undefined ? [] : [host]), ...addresses].map(canonicalHost)),
    hosts: [new URL(publicUrl).host, ...registryHosts],
  }
}

/** Every host, with our port, by which a client may reach this machine directly. */
export function localHosts({ machine, port }: Self): string[] {
  return [...new Set(['localhost', '127.0.0.1', '::1', ...machine])].map(name => `${name.includes(':') ? `[${name}]` : name}:${port}`)
}

/**
 * Whether a URL leads back to this server: this machine at our port, or one of our public hosts. The path does not matter:
 * whatever else we serve under another path, it is not a registry to proxy.
 */
export function isSelf(url: string, { port, machine, hosts }: Self): boolean {
  const target = new URL(url)
  const name = canonicalHost(target.hostname)
  const targetPort = portOf(target)
  if (targetPort === port && (machine.has(name) || isLoopback(name))) return true
  return hosts.some((host) => {
    const ours = new URL(`http://${host}/`)
    if (canonicalHost(ours.hostname) !== name) return false
    // A public host without a port is reached over http and https, and behind no proxy at the port where we listen.
    return ours.port === '' ? ['80', '443', String(port)].includes(String(targetPort)) : ours.port === String(targetPort)
  })
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
}

/** Addresses in one spelling (also IPv4 in IPv6), names in lower case without the root's dot. */
function canonicalHost(host: string): string {
  const bare = host.toLowerCase().replace(/^\[|\]$/g, '').replace(/%.*$/, '').replace(/\.$/, '')
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : bare
}

/** Also the wildcard addresses, which a client reaches as this machine, and the names reserved for loopback (RFC 6761). */
function isLoopback(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  return ipaddr.isValid(name) && ['loopback', 'unspecified'].includes(ipaddr.parse(name).range())
}
