import { expect, it } from 'vitest'
import { numbersOf } from '../../../server/compare/numbers.ts'
import { statusOf, type Circumstances } from '../../../server/compare/status.ts'
import type { Arrival, Comparison, Found, Probe } from '../../../server/compare/types.ts'

const NOW = Date.parse('2026-06-01T12:00:00.000Z')
const HOUR = 3_600_000

interface Given extends Partial<Circumstances> {
  /** Of a hundred probes. */
  failures?: number
  arrivals?: Arrival[]
  found?: Found
}

function stateOf({ failures = 0, arrivals = [], found, ...rest }: Given): [string, string] {
  const probes = Array.from({ length: 100 }, (_, n): Probe =>
    ({ kind: 'ping', at: NOW, isOk: n >= failures, status: 200, latency: 1, size: null, duration: null, error: null }))
  const comparisons: Comparison[] = found ? [{ subject: 'pkg:npm/a@1.0.0', at: NOW, found }] : []
  const numbers = numbersOf({ probes, comparisons, authority: { comparisons: [], arrivals } }, NOW)
  const { state, reason } = statusOf({ numbers, isDown: false, conflicts: 0, invalidSignatures: 0, ...rest })
  return [state, reason]
}
const pending = (hours: number, count: number): Arrival[] =>
  Array.from({ length: count }, () => ({ arrived: NOW - hours * HOUR, seen: null, missing: NOW }))
const seen = (count: number): Arrival[] =>
  Array.from({ length: count }, () => ({ arrived: NOW - HOUR, seen: NOW - HOUR + 1000, missing: null }))

it('is the first gate that a source does not pass, however well it does otherwise', () => {
  const worst = { conflicts: 1, invalidSignatures: 1, isDown: true, failures: 50, arrivals: pending(5, 10) }
  expect(stateOf(worst)[0]).toBe('conflict')
  expect(stateOf({ ...worst, conflicts: 0 })[0]).toBe('invalid-signature')
  expect(stateOf({ ...worst, conflicts: 0, invalidSignatures: 0 })[0]).toBe('down')
  expect(stateOf({ ...worst, conflicts: 0, invalidSignatures: 0, isDown: false })).toEqual(['flaky', 'It answered 50 of 100 probes.'])
  expect(stateOf({ arrivals: pending(5, 10) })).toEqual(['lagging', 'Of 10 new versions, the slowest 5 % took at least 5 hours to arrive.'])
  expect(stateOf({})[0]).toBe('ok')
})

it('follows from what was sampled as well as from incidents', () => {
  expect(stateOf({ found: { isPresent: true, integrity: 'other' } })).toEqual(['conflict', '1 sampled version has another digest than the recorded one.'])
  expect(stateOf({ found: { isPresent: true, integrity: 'equal', bytes: 'other' } })[0]).toBe('conflict')
  expect(stateOf({ found: { isPresent: true, integrity: 'equal', signature: 'invalid' } })[0]).toBe('invalid-signature')
  // Neither is a contradiction: a weaker digest, and a signature that nobody can check now.
  expect(stateOf({ found: { isPresent: true, integrity: 'missing', signature: 'unknown' } })[0]).toBe('ok')
})

it('is flaky below 99 %', () => {
  expect(stateOf({ failures: 1 })[0]).toBe('ok')
  expect(stateOf({ failures: 2 })[0]).toBe('flaky')
})

it('is lagging when more than 5 % are missing, of at least five', () => {
  expect(stateOf({ arrivals: [...seen(18), ...pending(0.5, 2)] })).toEqual(['lagging', '2 of 20 new versions of the last 24 hours are missing.'])
  expect(stateOf({ arrivals: [...seen(19), ...pending(0.5, 1)] })[0]).toBe('ok')
  expect(stateOf({ arrivals: pending(0.5, 4) })[0]).toBe('ok')
  expect(stateOf({ arrivals: pending(5, 4) })[0]).toBe('ok')
})

it('is unknown where nothing was measured', () => {
  const numbers = numbersOf({ probes: [], comparisons: [] }, NOW)
  expect(statusOf({ numbers, isDown: false, conflicts: 0, invalidSignatures: 0 })).toEqual({ state: 'unknown', reason: 'It was not measured in the last 24 hours.' })
  expect(statusOf({ numbers, isDown: false, conflicts: 2, invalidSignatures: 0 })).toMatchObject({ state: 'conflict', reason: expect.stringContaining('2 incidents are open') })
})
