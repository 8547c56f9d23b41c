import { expect, it } from 'vitest'
import { meantBy } from '../../../app/search/meant.ts'

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
