import { expect, it } from 'vitest'
import { createArrivals } from '../../../server/verify/arrivals.ts'
import { claim, createBench, summary, upstream } from './bench.ts'

it('what an authority has now and did not have before is told, and nothing of a package that nobody knew', async () => {
  const told: unknown[] = []
  const bench = createBench({ chronicles: [createArrivals((authority, versions) => told.push([authority, ...versions]))] })
  await bench.judge(upstream(), summary({ '1.0.0': claim('a') }))
  expect(told).toEqual([])
  await bench.judge(upstream(), summary({ '1.0.0': claim('a'), '1.1.0': claim('b') }))
  expect(told).toEqual([['npm', { name: 'x', version: '1.1.0' }]])
})
