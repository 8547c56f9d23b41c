import { describe, expect, it } from 'vitest'
import type { RegistryConfig } from '../../../server/config/types.ts'
import type { VersionSummary } from '../../../server/packument/index.ts'
import { redirectTarget } from '../../../server/npm/redirect.ts'
import type { View } from '../../../server/npm/view.ts'

const registry = (id: string, more: Partial<RegistryConfig> = {}): RegistryConfig =>
  ({ id, url: `https://${id}.example/`, namespace: `${id}.example`, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true }, ...more })

const npm = registry('npm')
const near = registry('near', { role: 'mirror', of: 'npm', url: 'https://near.example/some/path/' })
const far = registry('far', { role: 'mirror', of: 'npm' })
const NPM = 'https://npm.example/files/x.tgz'
const NEAR = 'https://near.example/some/path/@s/x/-/x-1.0.0.tgz'
const FAR = 'https://far.example/@s/x/-/x-1.0.0.tgz'

interface Known {
  sick?: string[]
  has?: Record<string, boolean>
  /** What a mirror answers when it is asked. */
  answers?: Record<string, boolean>
  tarball?: string
  base?: string
  holder?: string
}

/** Whom the last redirect was counted for. */
let counted: string[] = []

function target(sources: RegistryConfig[], { sick = [], has = {}, answers = {}, tarball = NPM, base = 'https://us.example/npm/', holder }: Known = {}) {
  const asked: string[] = []
  const sent: string[] = []
  counted = []
  const answer = redirectTarget(
    { name: '@s/x', version: '1.0.0', authority: npm, sources, summary: { tarball } as VersionSummary }, { base, holder } as View, {
      sources: {
        for: () => [], liars: () => [], isHealthy: ({ id }) => !sick.includes(id), sent: ({ id }) => void sent.push(id),
      },
      redirected: ({ id }) => void counted.push(id),
      presence: {
        known: ({ id }) => has[id],
        async ask({ id }) {
          asked.push(id)
          return answers[id] ?? false
        },
      },
    })
  return { answer, asked, sent }
}

describe('a redirect', () => {
  it('leads nobody with a token to our own host, where the client would send it on', () => {
    const known = { has: { near: true }, base: 'https://near.example:8443/npm/', holder: 'p' }
    expect(target([near, npm], known)).toEqual({ answer: undefined, asked: [], sent: [] })
    expect(target([npm, near], known).answer).toBe(NPM)
    expect(target([near, npm], { ...known, holder: undefined }).answer).toBe(NEAR)
  })

  it('leads to the first source, without waiting for anything', () => {
    expect(target([npm, near])).toEqual({ answer: NPM, asked: [], sent: ['npm'] })
    expect(target([near, npm], { has: { near: true } })).toEqual({ answer: NEAR, asked: [], sent: ['near'] })
  })

  it('passes over a mirror that does not have it', () => {
    expect(target([near, far, npm], { has: { near: false, far: true } }).answer).toBe(FAR)
    expect(target([near, npm], { has: { near: false } }).answer).toBe(NPM)
  })

  it('asks a mirror of which that is not known', async () => {
    const { answer, asked, sent } = target([near, far, npm], { answers: { far: true } })
    expect(await answer).toBe(FAR)
    expect(asked).toEqual(['near', 'far'])
    expect(sent).toEqual(['far'])
    expect(await target([near, npm]).answer).toBe(NPM)
  })

  it('passes over who does not answer, unless nobody else is left', () => {
    expect(target([near, far, npm], { sick: ['near'], has: { near: true, far: true } }).answer).toBe(FAR)
    expect(target([near, npm], { sick: ['near', 'npm'], has: { near: true } }).answer).toBe(NEAR)
    expect(target([near, npm], { sick: ['near', 'npm'] })).toMatchObject({ answer: NPM, asked: [] })
  })

  it('never leads to who needs a token or a certificate', () => {
    const guarded = { ...npm, authorization: 'Bearer secret' }
    const certified = { ...near, tls: { rejectUnauthorized: true, cert: 'certificate' } }
    expect(target([guarded, far], { has: { far: true } }).answer).toBe(FAR)
    expect(target([guarded]).answer).toBeUndefined()
    expect(target([certified, npm], { has: { near: true } }).answer).toBe(NPM)
    expect(target([certified], { has: { near: true } }).answer).toBeUndefined()
  })

  it.each([
    'https://stranger.example/x.tgz', 'http://npm.example/x.tgz', 'https://npm.example:444/x.tgz', 'file:///etc/passwd', 'nothing', '',
    'https://user@npm.example/x.tgz', 'https://us.example/npm/x.tgz',
  ])('never leads to %s, which an authority names', (tarball) => {
    expect(target([npm], { tarball }).answer).toBeUndefined()
    expect(target([npm, near], { tarball, has: { near: true } }).answer).toBe(NEAR)
  })

  it('never leads to ourselves', () => {
    expect(target([near, npm], { base: 'https://near.example/npm/', has: { near: true } }).answer).toBe(NPM)
    expect(target([npm], { base: 'https://npm.example/npm/' }).answer).toBeUndefined()
  })

  it('needs no sign of life of the only one there is', () => {
    expect(target([npm])).toEqual({ answer: NPM, asked: [], sent: [] })
    expect(counted).toEqual(['npm'])
  })
})
