import { describe, expect, it } from 'vitest'
import { CORGI, negotiate } from '../../../server/npm/negotiate.ts'

describe('form', () => {
  it.each<[accept: string | undefined, form: string]>([
    [undefined, 'full'],
    ['*/*', 'full'],
    ['application/json', 'full'],
    ['application/json, */*', 'full'],
    ['application/json; q=1.0, */*', 'full'],
    ['text/html', 'full'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'full'],
    [CORGI, 'corgi'],
    [`${CORGI}; q=1.0, application/json; q=0.8, */*`, 'corgi'],
    [`${CORGI};q=1.0, application/json;q=0.8`, 'corgi'],
    [`application/json; q=0.8, ${CORGI}; q=1.0`, 'corgi'],
    [`${CORGI}, application/json`, 'corgi'],
    [`application/json, ${CORGI}; q=0.5`, 'full'],
    [`${CORGI}; q=0.5, application/json`, 'full'],
    [`${CORGI}; q=0, application/json`, 'full'],
    [`${CORGI}; q=0`, 'full'],
    [`application/json; q=0, ${CORGI}`, 'corgi'],
    [`${CORGI.toUpperCase()}`, 'corgi'],
    ['application/*', 'full'],
    [';;;,,,q=1', 'full'],
    ['\u0000', 'full'],
  ])('%j → %s', (accept, form) => {
    expect(negotiate({ accept }).form).toBe(form)
  })
})

describe('encoding', () => {
  it.each<[acceptEncoding: string | undefined, encoding: string]>([
    [undefined, 'identity'],
    ['', 'identity'],
    ['identity', 'identity'],
    ['gzip', 'gzip'],
    ['gzip,deflate', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip,deflate,br,zstd', 'zstd'],
    ['zstd, gzip', 'zstd'],
    ['zstd,gzip,deflate', 'zstd'],
    ['br;q=0.5, gzip;q=1', 'gzip'],
    ['gzip;q=0, br', 'br'],
    ['gzip;q=0', 'identity'],
    ['gzip;q=0, *', 'zstd'],
    ['deflate, compress', 'identity'],
    ['identity;q=0', 'identity'],
    ['*;q=0', 'identity'],
    ['GZIP', 'gzip'],
    ['gzip;q=nonsense', 'identity'],
    [',,;', 'identity'],
  ])('%j → %s', (acceptEncoding, encoding) => {
    expect(negotiate({ 'accept': '*/*', 'accept-encoding': acceptEncoding }).encoding).toBe(encoding)
  })
})

describe('family', () => {
  const any = '*/*'
  it.each<[agent: string | undefined, accept: string | undefined, family: string]>([
    ['pnpm/10.34.9 npm/? node/v24.11.0 linux x64', CORGI, 'conventional'],
    ['pnpm/12.21.0', any, 'conventional'],
    ['got (https://github.com/sindresorhus/got)', undefined, 'conventional'],
    ['got (https://github.com/sindresorhus/got)', any, 'conventional'],
    [undefined, undefined, 'conventional'],
    ['npm/11.6.1 node/v24.11.0 linux x64 workspaces/false', 'application/json', 'verbatim'],
    ['yarn/1.22.22 npm/? node/v24.11.0 linux x64', CORGI, 'verbatim'],
    ['Bun/1.4.5', CORGI, 'verbatim'],
    ['Deno/2.9.6', any, 'verbatim'],
    [undefined, any, 'verbatim'],
    ['Mozilla/5.0 (X11; Linux x86_64)', 'text/html', 'verbatim'],
    ['not-pnpm/1.0.0', any, 'verbatim'],
    ['forgot (something)', any, 'verbatim'],
  ])('%j with accept %j → %s', (agent, accept, family) => {
    expect(negotiate({ 'accept': accept, 'user-agent': agent }).family).toBe(family)
  })
})

it('does not mix up headers that are equal when written one after the other', () => {
  expect(negotiate({ 'accept': 'gzip', 'accept-encoding': '' }).encoding).toBe('identity')
  expect(negotiate({ 'accept': '', 'accept-encoding': 'gzip' }).encoding).toBe('gzip')
  expect(negotiate({ 'accept': 'gzip', 'accept-encoding': '' }).encoding).toBe('identity')
})

it('remembers what clients send, but nothing endless', () => {
  const headers = { 'accept': CORGI, 'accept-encoding': 'gzip', 'user-agent': 'npm/11.6.1 node/v24.11.0 linux x64 workspaces/false ci/github-actions' }
  expect(negotiate({ ...headers })).toBe(negotiate({ ...headers }))
  const endless = { ...headers, 'user-agent': 'x'.repeat(10_000) }
  expect(negotiate({ ...endless })).toEqual({ form: 'corgi', encoding: 'gzip', family: 'verbatim' })
  expect(negotiate({ ...endless })).not.toBe(negotiate({ ...endless }))
})
