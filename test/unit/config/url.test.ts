import { describe, expect, it } from 'vitest'
import { show } from '../../../server/config/show.ts'
import { parseBaseUrl, parseHost, parseReceiverUrl, parseUrlWithCredentials } from '../../../server/config/url.ts'

describe('parseBaseUrl', () => {
  it.each([
    ['https://npm.example', 'https://npm.example/'],
    ['https://NPM.example:443/a/b', 'https://npm.example/a/b/'],
    ['http://127.0.0.1:4873/', 'http://127.0.0.1:4873/'],
    ['https://npm.example/a/../@b/', 'https://npm.example/@b/'],
  ])('%s becomes %s', (text, expected) => {
    expect(parseBaseUrl(text)).toBe(expected)
  })

  it.each([
    ['ftp://x', '"ftp://x" is not an http(s) URL. Use http:// or https://.'],
    ['npm.example', '"npm.example" is not an http(s) URL.'],
    ['https:npm.example', 'is not an http(s) URL.'],
    ['javascript:alert(1)', 'is not an http(s) URL.'],
    ['', '"" is not an http(s) URL.'],
    ['https://npm.example/?a=1', '"https://npm.example/?…" has a query or a hash.'],
    ['https://npm.example/?', 'has a query or a hash.'],
    ['https://npm.example/#a', 'has a query or a hash.'],
    ['https://me:s3cr3t@npm.example/', '"https://***@npm.example/" holds credentials.'],
    [7, '7 is not a URL.'],
    [undefined, 'undefined is not a URL.'],
    [{}, 'a value of type object is not a URL.'],
  ])('refuses %j', (value, message) => {
    expect(() => parseBaseUrl(value)).toThrow(message)
  })
})

describe('parseUrlWithCredentials', () => {
  it('takes user and password out of the URL', () => {
    expect(parseUrlWithCredentials('https://me:p%40ss@npm.example/x')).toEqual({
      url: 'https://npm.example/x/', authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    })
    expect(parseUrlWithCredentials('https://npm.example/x')).toEqual({ url: 'https://npm.example/x/' })
  })

  it('refuses a wrong percent encoding without showing it', () => {
    expect(() => parseUrlWithCredentials('https://me:s3cr3t%zz@npm.example/')).toThrow('"https://***@npm.example/" has credentials with a wrong percent encoding.')
  })
})

describe('parseReceiverUrl', () => {
  it.each(['https://hooks.example/x', 'https://hooks.example/x/', 'http://127.0.0.1:3000/hook?key=a%20b&c=', 'https://HOOKS.example'])('%s stays as it is', (text) => {
    expect(parseReceiverUrl(text)).toBe(text)
  })

  it.each(['ftp://hooks.example/', '/hook', '', 7, undefined])('%j is none', (value) => {
    expect(() => parseReceiverUrl(value)).toThrow(/is not an? (?:http\(s\) )?URL/)
  })

  it.each(['https://user:s3cr3t@hooks.example/', 'https://hooks.example/x?key=s3cr3t#'])('refuses %s without showing it', (text) => {
    const refused = () => parseReceiverUrl(text)
    expect(refused).toThrow(/credentials|hash/)
    expect(refused).not.toThrow('s3cr3t')
  })
})

describe('parseHost', () => {
  it.each([
    ['NPM.example', 'npm.example'], ['npm.example:8080', 'npm.example:8080'], ['npm.example:443', 'npm.example'], ['npm.example:80', 'npm.example'], [' [::1]:3000', '[::1]:3000'],
  ])('%s becomes %s', (text, expected) => {
    expect(parseHost(text)).toBe(expected)
  })

  it.each(['', 'https://npm.example', 'npm.example/', 'a b', 'me@npm.example', 'npm.example:99999', '[::1', 5])('refuses %j', (value) => {
    expect(() => parseHost(value)).toThrow('is not a host. Write it like npm.example or npm.example:8080.')
  })
})

describe('show', () => {
  it.each([
    'https://me:s3cr3t@npm.example/', 'https://s3cr3t@npm.example/', 'ftp://me:s3cr3t@x', 'me:s3cr3t@npm.example', 'https://me:s3/s3cr3t@npm.example:x/',
    'https://npm.example/?token=s3cr3t', 'https://npm.example/#s3cr3t', '//me:s3cr3t@npm.example', 'https://me:s3cr3t@', 'http://me:s3 s3cr3t@ x/',
    'http:me:s3cr3t@npm.example/',
  ])('hides the credentials of %s', (text) => {
    expect(show(text)).not.toContain('s3cr3t')
  })

  it('is one short line', () => {
    expect(show('a\nb\u001B[31m')).toBe('"a\\nb\\u001b[31m"')
    expect(show('x'.repeat(500)).length).toBeLessThan(130)
    expect(show('@acme/*')).toBe('"@acme/*"')
    expect(show('https://npm.example/@acme/')).toBe('"https://npm.example/@acme/"')
  })
})
