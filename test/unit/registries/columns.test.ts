import { describe, expect, it } from 'vitest'
import { groupReports, sortReports } from '../../../app/registries/columns.ts'
import { numbersOf } from '../../../server/compare/numbers.ts'
import type { RegistryReport, RegistryState } from '../../../shared/types/registries.ts'

function report(id: string, state: RegistryState, mean: number | null = null): RegistryReport {
  const numbers = numbersOf({ probes: [], comparisons: [] }, 0)
  return {
    id, status: { state, reason: '' }, lastProbe: null,
    numbers: { ...numbers, latency: { ...numbers.latency, packument: { ...numbers.latency.packument, mean } } },
  } as unknown as RegistryReport
}

const ids = (reports: readonly RegistryReport[]) => reports.map(({ id }) => id)

describe('sorting', () => {
  const reports = [report('c', 'ok', 30), report('none', 'unknown'), report('a', 'conflict', 20), report('b', 'ok', 10)]

  it('is by number or by name, in either order, with what is not known last', () => {
    expect(ids(sortReports(reports, 'latency', 'asc'))).toEqual(['b', 'a', 'c', 'none'])
    expect(ids(sortReports(reports, 'latency', 'desc'))).toEqual(['c', 'a', 'b', 'none'])
    expect(ids(sortReports(reports, 'source', 'asc'))).toEqual(['a', 'b', 'c', 'none'])
  })

  it('by status has the worst first', () => {
    expect(ids(sortReports(reports, 'status', 'asc'))).toEqual(['a', 'c', 'b', 'none'])
  })

  it('leaves what is equal as it is, and its input alone', () => {
    expect(ids(sortReports(reports, 'score', 'asc'))).toEqual(ids(reports))
    expect(ids(sortReports(reports, 'latency', 'desc'))).not.toEqual(ids(reports))
    expect(ids(reports)).toEqual(['c', 'none', 'a', 'b'])
  })
})

it('sources with trouble are apart, and first', () => {
  const states: RegistryState[] = ['ok', 'conflict', 'unknown', 'lagging', 'down', 'flaky', 'invalid-signature']
  const groups = groupReports(states.map(state => report(state, state)))
  expect(groups.map(({ isTrouble, reports }) => [isTrouble, ...ids(reports)])).toEqual([
    [true, 'conflict', 'lagging', 'down', 'flaky', 'invalid-signature'],
    [false, 'ok', 'unknown'],
  ])
  expect(groupReports([report('ok', 'ok')])).toHaveLength(1)
})
