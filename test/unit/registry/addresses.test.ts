import type { LookupAddress, LookupOptions } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../../server/errors.ts'
import { assertNoDowngrade, assertPublicUrl, isPublicAddress, publicLookup } from '../../../server/registry/addresses.ts'

const PRIVATE = [
  // IPv4
  '0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.1.2.3', '169.254.169.254',
  '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.51.100.1', '203.0.113.1',
  '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255',
  // IPv6
  '::', '::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', '100::1', '2001:db8::1', '3fff::1', '5f00::1', '4000::1',
  // IPv4 in IPv6 clothes: mapped, compatible, translated, NAT64, 6to4, Teredo
  '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '::ffff:10.0.0.1', '::127.0.0.1', '::7f00:1', '::a9fe:a9fe',
  '::ffff:0:127.0.0.1', '64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1', '2002:7f00:1::', '2002:a9fe:a9fe::1', '2001:0:7f00:1::1',
  // No address
  '', 'localhost', 'npm.example', '127.1', '256.0.0.1', '1.2.3.4.5', ':::', '[::1]', '1.2.3.4/8', ' 8.8.8.8',
]
const PUBLIC = [
  '1.1.1.1', '8.8.8.8', '99.255.255.255', '100.63.255.255', '100.128.0.1', '172.15.0.1', '172.32.0.1', '192.167.0.1', '169.253.0.1', '223.255.255.254',
  '2606:4700::1111', '2a00:1450::1', '::ffff:8.8.8.8',
]

it.each(PRIVATE)('%j is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

it.each(PUBLIC)('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

function refusal(url: string): RegistryError | undefined {
  try {
    assertPublicUrl(new URL(url), 'A URL')
    return undefined
  } catch (error) {
    if (error instanceof RegistryError) return error
    throw error
  }
}

describe('a URL', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data/', 'http://127.0.0.1:8080/', 'http://0.0.0.0/', 'http://100.64.0.1/', 'http://192.168.0.1/x.tgz',
    'http://[::1]/', 'http://[::]/', 'http://[fe80::1]/', 'http://[fd00::1]/', 'http://[::ffff:169.254.169.254]/', 'http://[64:ff9b::7f00:1]/',
    // Other spellings of the same, which the URL parser knows.
    'http://2130706433/', 'http://0x7f000001/', 'http://0177.0.0.1/', 'http://127.1/', 'http://0/', 'http://127.0.0.1./', 'http://１２７.0.0.1/',
    'http://%31%32%37.0.0.1/', 'https://0xa9fea9fe/',
  ])('%s is refused for its address', (url) => {
    const error = refusal(url)
    expect(error?.code).toBe('FORBIDDEN_URL')
    expect(error?.message).toMatch(/^A URL points at https?:\/\/\S+, an address that is not public/)
  })

  it.each(['file:///etc/passwd', 'ftp://npm.example/x.tgz', 'data:text/plain,x', 'javascript:alert(1)', 'gopher://npm.example/', 'ws://npm.example/', 'blob:http://npm.example/x'])(
    '%s is refused for its scheme', (url) => {
      expect(refusal(url)?.message).toMatch(/which is not an http\(s\) URL\.$/)
    })

  it.each(['https://user@npm.example/', 'https://user:password@npm.example/', 'https://:password@npm.example/'])('%s is refused for its credentials, which no message shows', (url) => {
    expect(refusal(url)?.message).toBe('A URL points at https://npm.example, with credentials in the URL.')
  })

  it.each(['https://npm.example/x.tgz', 'http://npm.example:8080/', 'https://8.8.8.8/', 'https://[2606:4700::1111]/', 'https://localhost.npm.example/'])('%s passes', (url) => {
    expect(refusal(url)).toBeUndefined()
  })
})

describe('looking up a name', () => {
  type Answer = { error: NodeJS.ErrnoException | null, address: string | LookupAddress[] }
  const lookUp = (name: string, options: LookupOptions) => new Promise<Answer>((resolve) => {
    publicLookup(name, options, (error, address) => resolve({ error, address }))
  })

  it.each([{ all: true }, { all: false }, { family: 4 }])('that is this machine is refused (%j)', async (options) => {
    const { error } = await lookUp('localhost', options)
    expect(error).toBeInstanceOf(RegistryError)
    expect(error).toMatchObject({ code: 'FORBIDDEN_URL', message: expect.stringMatching(/^localhost resolves to an address that is not public/) as string })
  })

  it('that is an address is checked the same way', async () => {
    expect((await lookUp('127.0.0.1', {})).error).toBeInstanceOf(RegistryError)
    expect(await lookUp('8.8.8.8', {})).toEqual({ error: null, address: '8.8.8.8' })
    expect(await lookUp('8.8.8.8', { all: true })).toEqual({ error: null, address: [{ address: '8.8.8.8', family: 4 }] })
  })

  it('that does not exist is the resolver\'s error', async () => {
    const { error } = await lookUp('no-such-host.invalid', {})
    expect(error).not.toBeInstanceOf(RegistryError)
    expect(error?.code).toMatch(/^E/)
  })
})

describe('a redirect', () => {
  it.each([
    ['https://npm.example/x', 'https://cdn.example/x'], ['http://npm.example/x', 'https://cdn.example/x'], ['http://npm.example/x', 'http://cdn.example/x'],
  ])('from %s to %s is followed', (from, to) => {
    expect(() => assertNoDowngrade(new URL(from), new URL(to))).not.toThrow()
  })

  it.each(['http://npm.example/x', 'http://cdn.example/x', 'ftp://npm.example/x', 'file:///etc/passwd'])('from https to %s is refused', (to) => {
    expect(() => assertNoDowngrade(new URL('https://npm.example/x'), new URL(to)))
      .toThrow(expect.objectContaining({ code: 'FORBIDDEN_URL', message: expect.stringContaining('https://npm.example redirects to') }))
  })
})
