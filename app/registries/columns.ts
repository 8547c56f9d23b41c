import type { RegistryReport } from '../../shared/types/registries.ts'
import { REGISTRY_STATES } from '../states/registry.ts'

/** What the table of registries can be sorted by. */
export const SORTS = [
  'source', 'status', 'availability', 'lag', 'latency', 'throughput', 'coverage', 'agreement', 'signatures', 'score', 'checked',
] as const
export type Sort = typeof SORTS[number]
export type Order = 'asc' | 'desc'

interface Column {
  /** Key of the heading. */
  label: string
  /** What is compared; null: nothing is known, which is neither the best nor the worst. */
  valueOf(report: RegistryReport): string | number | null
  /** With which order a reader begins: the best first. */
  first: Order
}

const STATES = Object.keys(REGISTRY_STATES)

export const COLUMNS: Readonly<Record<Sort, Column>> = {
  source: { label: 'registry.registries.columns.source', valueOf: ({ id }) => id, first: 'asc' },
  status: { label: 'registry.registries.columns.status', valueOf: ({ status }) => STATES.indexOf(status.state), first: 'asc' },
  availability: { label: 'registry.registries.columns.availability', valueOf: ({ numbers }) => numbers.availability.share, first: 'desc' },
  lag: { label: 'registry.registries.columns.lag', valueOf: ({ numbers }) => numbers.lag?.p95?.value ?? null, first: 'asc' },
  latency: { label: 'registry.registries.columns.latency', valueOf: ({ numbers }) => numbers.latency.packument.mean, first: 'asc' },
  throughput: { label: 'registry.registries.columns.throughput', valueOf: ({ numbers }) => numbers.throughput.p50, first: 'desc' },
  coverage: { label: 'registry.registries.columns.coverage', valueOf: ({ numbers }) => numbers.coverage.versions.share, first: 'desc' },
  agreement: { label: 'registry.registries.columns.agreement', valueOf: ({ numbers }) => numbers.agreement.integrity.share, first: 'desc' },
  signatures: { label: 'registry.registries.columns.signatures', valueOf: ({ numbers }) => numbers.signatures.verified.share, first: 'desc' },
  score: { label: 'registry.registries.columns.score', valueOf: ({ numbers }) => numbers.score, first: 'asc' },
  checked: { label: 'registry.registries.columns.checked', valueOf: ({ lastProbe }) => lastProbe && Date.parse(lastProbe), first: 'desc' },
}

/** Sorted by a column; what is not known comes last in either order, and what is equal stays as the operator put it. */
export function sortReports(reports: readonly RegistryReport[], sort: Sort, order: Order): RegistryReport[] {
  const { valueOf } = COLUMNS[sort]
  const sign = order === 'asc' ? 1 : -1
  return reports.toSorted((one, other) => {
    const [a, b] = [valueOf(one), valueOf(other)]
    if (a === b) return 0
    if (a === null) return 1
    if (b === null) return -1
    return a < b ? -sign : sign
  })
}

/** Those that something is wrong with come first, apart from the others, whatever the table is sorted by. */
export function groupReports(reports: readonly RegistryReport[]): { isTrouble: boolean, reports: RegistryReport[] }[] {
  const isTrouble = ({ status: { state } }: RegistryReport) => state !== 'ok' && state !== 'unknown'
  return [true, false]
    .map(trouble => ({ isTrouble: trouble, reports: reports.filter(report => isTrouble(report) === trouble) }))
    .filter(group => group.reports.length > 0)
}
