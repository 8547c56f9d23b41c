import { expect, it } from 'vitest'
import { meantBy } from '../../../app/search/meant.ts'
import { worstOf } from '../../../app/states/sources.ts'

it.each([
  ['/react', 'react'],
  ['/react/v/19.0.0', 'react@19.0.0'],
  ['/package/@nuxt/ui/v/4.0.0', '@nuxt/ui@4.0.0'],
  ['/registry/%40nuxt/ui@4.0.0', '@nuxt/ui@4.0.0'],
  ['/no/such/page', undefined],
  ['/%zz', undefined],
  [`/${'a'.repeat(300)}`, undefined],
])('%s may be %s', (path, meant) => {
  expect(meantBy(path)).toBe(meant)
})

it('the worst state of sources comes first, with how many are better', () => {
  expect(worstOf(['ok', 'lagging', 'conflict', 'conflict'])).toMatchObject({ worst: { color: 'error' }, count: 2, others: 2 })
  expect(worstOf(['ok', 'ok'])).toMatchObject({ worst: { color: 'success' }, count: 2, others: 0 })
  expect(worstOf([])).toBeUndefined()
})
