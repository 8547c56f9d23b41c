import { describe, expect, it } from 'vitest'
import { coversPattern, matchesPattern, parsePattern } from '../../../server/config/patterns.ts'

describe('matchesPattern', () => {
  it.each([
    ['*', 'vue', true],
    ['*', '@acme/ui', true],
    ['vue', 'vue', true],
    ['vue', 'vuex', false],
    ['vue', '@acme/vue', false],
    ['@acme/*', '@acme/ui', true],
    ['@acme/*', '@acme-evil/ui', false],
    ['@acme/*', '@acme/', false],
    ['@acme/*', 'acme', false],
    ['acme-*', 'acme-ui', true],
    ['acme-*', 'acme-', false],
    ['acme-*', '@acme-x/ui', false],
    ['acme-*', 'xacme-ui', false],
    ['@acme/ui-*', '@acme/ui-kit', true],
    ['@acme/ui-*', '@acme/api', false],
    ['JSONStream', 'jsonstream', false],
    ['a.c', 'abc', false],
  ])('%s on %s: %s', (pattern, name, expected) => {
    expect(matchesPattern(pattern, name)).toBe(expected)
  })
})

describe('coversPattern', () => {
  it.each([
    ['*', '@acme/*', true],
    ['*', '*', true],
    ['@acme/*', '*', false],
    ['@acme/*', '@acme/*', true],
    ['@acme/*', '@acme/ui-*', true],
    ['@acme/*', '@acme/ui', true],
    ['@acme/ui', '@acme/*', false],
    ['acme-*', 'acme-ui-*', true],
    ['acme-ui-*', 'acme-*', false],
    ['vue', 'vue', true],
  ])('%s covers %s: %s', (outer, inner, expected) => {
    expect(coversPattern(outer, inner)).toBe(expected)
  })
})

describe('parsePattern', () => {
  it.each(['*', 'vue', '@acme/ui', '@acme/*', 'acme-*', '@acme/ui-*', 'JSONStream', 'lodash.*'])('accepts %s', (pattern) => {
    expect(parsePattern(pattern)).toBe(pattern)
  })

  it.each(['', '**', 'a*b', '*acme', '@acme', '@acme/', '@*', '@acme*', '@*/x', '../x', 'a b', 'a/b', '@a/b/c', '.x*', 'x\n', 'a%2fb', 7, null])(
    'refuses %j', (pattern) => {
      expect(() => parsePattern(pattern)).toThrow(/is not a name pattern|would match other scopes/)
    },
  )
})
