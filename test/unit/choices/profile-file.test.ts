import { describe, expect, it } from 'vitest'
import { nameProblem, patternOf } from '../../../app/preferences/names.ts'
import { formatProfile, parseProfile } from '../../../app/preferences/profile-file.ts'
import { scopePattern } from '../../../server/preferences/content.ts'
import type { ProfileContent } from '../../../shared/types/preferences.ts'
import { OPTIONS } from './fixture.ts'

describe('a file of preferences', () => {
  it('is read as it was written', () => {
    const content: ProfileContent = {
      mirrors: ['east', 'npm'], disabled: ['south'], strategy: 'spread', tarballs: 'self', keys: ['npm'],
      scopes: { '@paper': { mirrors: ['north'] }, 'acme-*': { strategy: 'fastest' } },
    }
    expect(parseProfile(formatProfile(content), OPTIONS)).toEqual({ content })
  })

  it.each([
    ['', 'notJson'], ['<html>', 'notJson'], ['null', 'notObject'], ['[]', 'notObject'], ['{}', 'notObject'],
    ['{"content": []}', 'notObject'], ['{"content": {}, "more": 1}', 'unknownKey'], ['{"content": {"__proto__": {}}}', 'unknownKey'],
    ['{"content": {"mirrors": "north"}}', 'notIds'], ['{"content": {"mirrors": ["north", "north"]}}', 'notIds'],
    ['{"content": {"mirrors": [{}]}}', 'notIds'], ['{"content": {"mirrors": ["<img src=x>"]}}', 'unknownId'],
    ['{"content": {"keys": ["north"]}}', 'unknownId'], ['{"content": {"strategy": "slow"}}', 'notPossible'],
    ['{"content": {"tarballs": ["auto"]}}', 'notPossible'], ['{"content": {"scopes": []}}', 'notObject'],
    ['{"content": {"scopes": {"@paper": 1}}}', 'notObject'], ['{"content": {"scopes": {"@paper": {"tarballs": "self"}}}}', 'unknownKey'],
    ['{"content": {"disabled": ["npm", "north", "south", "east"]}}', 'emptied'],
    [`{"content": {"mirrors": [${'"north", '.repeat(5000)}"north"]}}`, 'tooLarge'], ['['.repeat(10_000), 'notJson'],
  ])('%.60s is one sentence', (text, problem) => {
    expect(parseProfile(text, OPTIONS).problem?.key).toBe(`registry.preferences.file.problems.${problem}`)
  })

  it('with a malformed name is one sentence too', () => {
    expect(parseProfile('{"content": {"scopes": {"../x": {}}}}', OPTIONS).problem?.key).toBe('registry.preferences.scopes.problems.malformed')
  })
})

describe('a name that something is chosen for', () => {
  const NAMES = [
    '@acme', '@acme/*', '@acme/ui', '@acme/ui-*', 'left-pad', 'acme-*', 'JSONStream', '*', '__proto__', '-x', 'node_modules', '@acme/_x',
    '', '@', '@acme/', '@acme*', '@*', 'a*b', '**', '../x', 'a/b', 'a b', '.hidden', 'é', '%40acme', 'x'.repeat(300),
  ]

  it.each(NAMES)('%.40s is one here exactly if it is one for the server', (name) => {
    const ofServer = () => scopePattern(name)
    const pattern = patternOf(name)
    if (pattern === undefined) expect(ofServer).toThrow()
    else expect(ofServer()).toBe(pattern)
  })

  it('is chosen for once', () => {
    expect(nameProblem('@acme/*', ['@acme'])).toEqual({ key: 'registry.preferences.scopes.problems.same', values: { name: '@acme' } })
    expect(nameProblem('@acme/ui', ['@acme'])).toBeUndefined()
    expect(nameProblem('x', Array.from({ length: 100 }, (_, n) => `p-${n}`))?.key).toBe('registry.preferences.scopes.problems.tooMany')
  })
})
