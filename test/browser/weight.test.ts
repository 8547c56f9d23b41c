import { afterAll, beforeAll, expect, it } from 'vitest'
import { measureWeights, type Weights } from '../../bench/web/weight/measure.ts'
import { createDemo, type Demo } from '../fixtures/demo.ts'
import { DEMO_PAGES } from '../fixtures/pages.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'

/** Bytes of gzipped JavaScript that the first visit may load. */
const BUDGET = 260_000
const HOME_BUDGET = 200_000

let demo: Demo<TestServer>
let weights: Weights

beforeAll(async () => {
  demo = await createDemo(startServer)
  weights = await measureWeights(demo.server.url, DEMO_PAGES)
})

afterAll(async () => {
  await demo?.server.stop()
  await demo?.close()
})

it.each(Object.keys(DEMO_PAGES))('the first visit to %s loads no more JavaScript than it may', (title) => {
  // None at all would be a page that did not come alive.
  expect(weights[title]).toBeGreaterThan(50_000)
  expect(weights[title]).toBeLessThanOrEqual(title === 'home' ? HOME_BUDGET : BUDGET)
})
