import { expect, it } from 'vitest'
import { worstOf } from '../../../app/states/registry.ts'

it('the worst state of sources comes first, with how many are better', () => {
  expect(worstOf(['ok', 'lagging', 'conflict', 'conflict'])).toMatchObject({ worst: { color: 'error' }, count: 2, others: 2 })
  expect(worstOf(['ok', 'ok'])).toMatchObject({ worst: { color: 'success' }, count: 2, others: 0 })
  expect(worstOf(['ok', 'unknown'])).toMatchObject({ worst: { color: 'neutral' }, count: 1, others: 1 })
  expect(worstOf([])).toBeUndefined()
})
