import { describe, expect, it } from 'vitest'
import { tarballUrls } from '../../../server/npm/view.ts'
import { createChoosable } from '../../../server/preferences/choosable.ts'
import { ignoredOf, viewOf } from '../../../server/preferences/view.ts'
import type { ProfileContent } from '../../../shared/types/preferences.ts'
import { CHOOSABLE, CONFIG, everybodysView, USUAL } from './fixture.ts'

const everybodys = everybodysView()
const view = (content: ProfileContent) => viewOf({ id: 'p', content }, everybodys, CHOOSABLE)

describe('the view of a profile', () => {
  it('is everybody\'s where it says nothing', () => {
    const { choiceOf, holder, ...rest } = view({})
    expect(holder).toBe('p')
    expect(rest).toMatchObject({ base: everybodys.base, tarballs: 'auto', delivery: 'redirect', defaultHost: 'npm.example' })
    expect(rest.keysOf).toBeUndefined()
    expect(choiceOf('x')).toEqual(USUAL)
  })

  it('has what the profile says', () => {
    const mine = view({ mirrors: ['m2', 'npm'], disabled: ['m1'], strategy: 'spread', tarballs: 'self', keys: ['acme'] })
    expect(mine.choiceOf('x')).toEqual({ strategy: 'spread', order: ['m2', 'npm'], disabled: new Set(['m1']) })
    expect(mine.tarballs).toBe('self')
    expect(mine.keysOf).toEqual(new Set(['acme']))
    // Made once: a warm request makes nothing.
    expect(mine.choiceOf('x')).toBe(mine.choiceOf('y'))
  })

  it('follows the most specific entry, which leaves the rest as it is', () => {
    const { choiceOf } = view({
      mirrors: ['m1'], disabled: ['m2'],
      scopes: {
        '@acme': { mirrors: ['m2'], disabled: [] }, '@acme/x': { strategy: 'fastest' }, '@acme/ui-*': { mirrors: ['mirror-three'] },
        '@acme/ui-kit-*': { strategy: 'spread' }, 'react-*': { mirrors: [] },
      },
    })
    const seen = (name: string) => {
      const { strategy, order, disabled } = choiceOf(name)
      return [strategy, order.join(), [...disabled].join()].join(' | ')
    }
    expect(seen('x')).toBe('priority | m1 | m2')
    expect(seen('@acme/y')).toBe('priority | m2 | ')
    expect(seen('@acme/x')).toBe('fastest | m1 | m2')
    expect(seen('@acme/x2')).toBe('priority | m2 | ')
    expect(seen('@acme/ui-button')).toBe('priority | mirror-three | m2')
    expect(seen('@acme/ui-kit-core')).toBe('spread | m1 | m2')
    expect(seen('@acme/ui-kit-')).toBe('priority | mirror-three | m2')
    expect(seen('@acme-labs/x')).toBe('priority | m1 | m2')
    expect(seen('react-dom')).toBe('priority |  | m2')
    expect(seen('react')).toBe('priority | m1 | m2')
    expect(seen('constructor')).toBe('priority | m1 | m2')
    expect(choiceOf('@acme/y')).toBe(choiceOf('@acme/z'))
  })

  it('names tarballs as every view of the same mode does, so that what is rendered is shared', () => {
    const [npm, acme] = ['npm', 'acme'].map(id => CONFIG.registries.find(registry => registry.id === id)!)
    for (const authority of [npm!, acme!]) {
      for (const family of ['verbatim', 'conventional'] as const) {
        const usual = tarballUrls(everybodys, authority, family)
        expect(tarballUrls(view({ mirrors: ['m2'], disabled: ['npm'] }), authority, family)).toEqual(usual)
        expect(tarballUrls(view({ tarballs: 'auto' }), authority, family)).toEqual(usual)
        expect(tarballUrls(view({ tarballs: 'self' }), authority, family)).toEqual({ base: everybodys.base })
      }
    }
    expect(tarballUrls(view({ tarballs: 'self' }), npm!, 'verbatim')).not.toEqual(tarballUrls(everybodys, npm!, 'verbatim'))
  })
})

describe('after the configuration has changed', () => {
  const registries = CONFIG.registries.filter(({ id }) => !['m2', 'mirror-three'].includes(id))
  const choosable = createChoosable({ ...CONFIG, registries })
  const content: ProfileContent = {
    mirrors: ['m2', 'm1'], disabled: ['npm', 'm1', 'mirror-three'], keys: ['gone'], scopes: { '@acme': { disabled: ['m1', 'acme'], mirrors: ['m2'] } },
  }

  it('what is gone, or would leave nothing, has no effect', () => {
    const { choiceOf, keysOf } = viewOf({ id: 'p', content }, everybodys, choosable)
    expect(choiceOf('x')).toEqual({ strategy: 'priority', order: ['m1'], disabled: new Set() })
    expect(choiceOf('@acme/x')).toEqual({ strategy: 'priority', order: [], disabled: new Set(['m1']) })
    expect(keysOf).toBeUndefined()
  })

  it('its holder is told', () => {
    expect(ignoredOf(content, choosable)).toEqual(['acme', 'gone', 'm1', 'm2', 'mirror-three', 'npm'])
    expect(ignoredOf({ mirrors: ['m1'], disabled: ['npm'], keys: ['npm'] }, choosable)).toEqual([])
  })
})
