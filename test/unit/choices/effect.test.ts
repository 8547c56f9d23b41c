import { expect, it } from 'vitest'
import { effectOf } from '../../../app/preferences/effect.ts'
import texts from '../../../i18n/locales/en/preferences.json' with { type: 'json' }
import type { ProfileContent } from '../../../shared/types/preferences.ts'
import { OPTIONS } from './fixture.ts'

/** As vue-i18n does it, as far as it matters here. */
function t(key: string, values: Record<string, unknown> = {}): string {
  const text = key.split('.').reduce<unknown>((part, step) => (part as Record<string, unknown>)[step], texts)
  return String(text).replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]))
}

const say = (content: ProfileContent) => effectOf(content, OPTIONS, t)

it('says what everybody has', () => {
  expect(say({})).toEqual([
    'Tarballs of packages of npm come from npm first, then from north, south, east.',
    'Tarballs of packages of acme come from acme only.',
    'Lockfiles look as they would without this registry; Yarn 1 and Bun may pass by the order above.',
    'Signing keys are those of all authorities.',
  ])
})

it('says what was chosen', () => {
  expect(say({ mirrors: ['north'], disabled: ['south'], tarballs: 'self', keys: ['npm'] })).toEqual([
    'Tarballs of packages of npm come from north first, then from npm, east.',
    'south: never asked for tarballs of packages of npm.',
    'Tarballs of packages of acme come from acme only.',
    'Documents name this registry’s addresses for tarballs.',
    'Signing keys are those of npm.',
  ])
  expect(say({ strategy: 'spread' })[0]).toBe('Tarballs of packages of npm are spread over npm, north, south, east.')
  expect(say({ strategy: 'fastest', mirrors: ['east'] })[0])
    .toBe('Tarballs of packages of npm come from east first, then from the better of two that are drawn from npm, north, south.')
  expect(say({ strategy: 'fastest', mirrors: ['npm', 'north', 'south', 'east'] })[0])
    .toBe('Tarballs of packages of npm come from npm first, then from north, south, east.')
})

it('says what is different for a scope', () => {
  const sentences = say({ scopes: { '@paper': { mirrors: ['east'], disabled: ['npm'] }, 'left-pad': {} } })
  expect(sentences).toContain('Tarballs of @paper (if of npm) come from east first, then from north, south.')
  expect(sentences).toContain('npm: never asked for tarballs of @paper (if of npm).')
  expect(sentences).toContain('left-pad is as all others: nothing is chosen for it.')
})
