import { describe, expect, it } from 'vitest'
import { change, isSame, patchOf, removeScope, wishesFor } from '../../../app/preferences/draft.ts'
import { mergePatch } from '../../../server/preferences/merge.ts'
import type { ProfileContent } from '../../../shared/types/preferences.ts'

describe('a draft', () => {
  it('says only what is wished', () => {
    expect(change({ mirrors: ['north'] }, { mirrors: [] })).toEqual({})
    expect(change({}, { strategy: 'fastest' })).toEqual({ strategy: 'fastest' })
    expect(change({ strategy: 'fastest' }, { strategy: undefined })).toEqual({})
  })

  it('has for a scope what differs from the rest, and can take it back there', () => {
    const content = change({ mirrors: ['north'], strategy: 'spread' }, { mirrors: [] }, '@paper')
    expect(content.scopes).toEqual({ '@paper': { mirrors: [] } })
    expect(wishesFor(content, '@paper')).toMatchObject({ strategy: 'spread' })
    expect(change({}, { mirrors: [] }, '@paper').scopes).toEqual({ '@paper': {} })
    expect(removeScope(content, '@paper')).toEqual({ mirrors: ['north'], strategy: 'spread' })
  })

  it('holds a name as it is, __proto__ too', () => {
    const content = change({}, { strategy: 'spread' }, '__proto__')
    expect(Object.keys(content.scopes!)).toEqual(['__proto__'])
    expect(wishesFor(content, '__proto__')).toEqual({ strategy: 'spread' })
  })
})

describe('the patch for a server', () => {
  const CONTENTS: ProfileContent[] = [
    {},
    { mirrors: ['north'], strategy: 'fastest' },
    { mirrors: ['south', 'north'], tarballs: 'self', keys: ['npm'] },
    { scopes: { '@paper': {} } },
    { scopes: { '@paper': { mirrors: ['north'] }, 'left-pad': { strategy: 'spread' } } },
    { scopes: { '@paper': { strategy: 'spread' } }, mirrors: ['north'] },
  ]

  it('makes one content of any other', () => {
    for (const before of CONTENTS) {
      for (const after of CONTENTS) {
        expect(mergePatch(before, patchOf(before, after))).toEqual(after)
        expect(isSame(before, after)).toBe(before === after)
      }
    }
  })

  it('does not mind the order of keys', () => {
    expect(isSame({ strategy: 'spread', mirrors: ['a'] }, { mirrors: ['a'], strategy: 'spread' })).toBe(true)
    expect(isSame({ mirrors: ['a', 'b'] }, { mirrors: ['b', 'a'] })).toBe(false)
  })
})
