import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../../server/errors.ts'
import { judgementOf } from '../../../server/packument/judgement.ts'
import type { Summary, Verdict, VersionSummary } from '../../../server/packument/types.ts'

const CONFLICT = new RegistryError('CONFLICT', 'other bytes')
const UNAVAILABLE = new RegistryError('LOG_UNAVAILABLE', 'later')

function summary(versions: Record<string, Partial<VersionSummary>>, tags: Record<string, string>): Summary {
  const about = { integrity: '', isPlain: true, tarball: '', manifest: '', published: undefined, deprecated: false, signatures: [] }
  return { name: 'x', tags, versions: new Map(Object.entries(versions).map(([version, more]) => [version, { ...about, ...more }])), unusable: [] }
}
const verdict = (withheld: Record<string, RegistryError>, more: Partial<Verdict> = {}): Verdict =>
  ({ withheld: new Map(Object.entries(withheld)), digests: new Map(), retryAt: Infinity, ...more })

const three = summary({ '1.0.0': {}, '1.1.0': { deprecated: true }, '2.0.0': {} }, { latest: '2.0.0', next: '2.0.0', old: '1.0.0' })

it('leaves nothing out where nothing is withheld', () => {
  expect(judgementOf('id', three, verdict({}))).toEqual({ verdict: verdict({}), state: 'id', retryAt: Infinity })
})

it('tells states apart by the snapshot and by what is withheld, not by the order or the reasons', () => {
  const state = (id: string, withheld: Record<string, RegistryError>) => judgementOf(id, three, verdict(withheld)).state
  const one = state('id', { '1.0.0': CONFLICT, '2.0.0': CONFLICT })
  expect(state('id', { '2.0.0': UNAVAILABLE, '1.0.0': CONFLICT })).toBe(one)
  const others = [state('id', {}), state('id', { '1.0.0': CONFLICT }), state('id', { '2.0.0': CONFLICT }), state('other', { '1.0.0': CONFLICT, '2.0.0': CONFLICT })]
  expect(new Set([one, ...others]).size).toBe(5)
})

describe('tags', () => {
  it.each<[what: string, withheld: string[], tags: Record<string, string>]>([
    ['at other versions stay', ['1.1.0'], { latest: '2.0.0', next: '2.0.0', old: '1.0.0' }],
    ['at what is withheld go, and `latest` moves to the newest that is not deprecated', ['2.0.0'], { latest: '1.0.0', old: '1.0.0' }],
    ['end at a deprecated version if there is no other', ['1.0.0', '2.0.0'], { latest: '1.1.0' }],
    ['are none where nothing is left', ['1.0.0', '1.1.0', '2.0.0'], {}],
  ])('%s', (_, withheld, tags) => {
    const { omissions } = judgementOf('id', three, verdict(Object.fromEntries(withheld.map(version => [version, CONFLICT]))))
    expect(omissions).toEqual({ versions: new Set(withheld), tags })
  })

  it('may have any name', () => {
    const tags = Object.assign(Object.create(null) as Record<string, string>, { latest: '2.0.0' })
    Object.defineProperty(tags, '__proto__', { value: '1.0.0', enumerable: true })
    const { omissions } = judgementOf('id', { ...three, tags }, verdict({ '2.0.0': CONFLICT }))
    expect(Object.entries(omissions!.tags)).toEqual([['__proto__', '1.0.0'], ['latest', '1.0.0']])
  })
})

describe('a package of which nothing is left is refused', () => {
  const refusal = (withheld: Record<string, RegistryError>) => judgementOf('id', three, verdict(withheld)).refusal

  it('and otherwise not', () => {
    expect(refusal({ '1.0.0': CONFLICT, '2.0.0': CONFLICT })).toBeUndefined()
    expect(judgementOf('id', summary({}, {}), verdict({})).refusal).toBeUndefined()
  })

  it('with what holds for its latest version', () => {
    const other = new RegistryError('INTEGRITY', 'broken')
    expect(refusal({ '1.0.0': other, '1.1.0': other, '2.0.0': CONFLICT })).toBe(CONFLICT)
  })

  it('with what passes by itself, if something does', () => {
    expect(refusal({ '1.0.0': CONFLICT, '1.1.0': UNAVAILABLE, '2.0.0': CONFLICT })).toBe(UNAVAILABLE)
  })
})
