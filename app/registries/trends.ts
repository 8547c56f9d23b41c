import type { SeriesBucket } from '../../shared/types/registries.ts'
import { formatLatency, formatShare } from '../display/measure.ts'
import { formatDuration } from '../display/time.ts'
import type { Translate } from '../display/translate.ts'

/** What is drawn over time. */
export type TrendKind = 'latency' | 'availability' | 'lag' | 'agreement'

/** One span of time as a chart and its table show it. */
export interface TrendPoint {
  /** ISO 8601. */
  at: string
  /** The line; null: too few. */
  value: number | null
  /** A second line above it. */
  upper: number | null
  /** How much it rests on. */
  count: number
}

interface Trend {
  /** Keys of what the chart is of, of its lines, and of what is counted. */
  label: string
  line: string
  upperLine?: string
  basis: string
  pointOf(bucket: SeriesBucket): Omit<TrendPoint, 'at'>
  format(value: number, t: Translate): string
  /** The end of the scale, where it is always the same. */
  most?: number
}

export const TRENDS: Readonly<Record<TrendKind, Trend>> = {
  latency: {
    label: 'registry.registries.trends.latency', line: 'registry.registries.trends.median', upperLine: 'registry.registries.trends.p95',
    basis: 'registry.registries.trends.documents',
    pointOf: ({ latency: { count, p50, p95 } }) => ({ count, value: p50, upper: p95 }),
    format: formatLatency,
  },
  availability: {
    label: 'registry.registries.trends.availability', line: 'registry.registries.trends.share', basis: 'registry.registries.trends.probes', most: 1,
    pointOf: ({ availability: { of, share } }) => ({ count: of, value: share, upper: null }),
    format: formatShare,
  },
  lag: {
    label: 'registry.registries.trends.lag', line: 'registry.registries.trends.median', upperLine: 'registry.registries.trends.p95',
    basis: 'registry.registries.trends.arrivals',
    pointOf: ({ lag }) => ({ count: lag?.count ?? 0, value: lag?.p50?.value ?? null, upper: lag?.p95?.value ?? null }),
    format: (value, t) => formatDuration(value, t),
  },
  agreement: {
    label: 'registry.registries.trends.agreement', line: 'registry.registries.trends.share', basis: 'registry.registries.trends.compared', most: 1,
    pointOf: ({ agreement: { of, share } }) => ({ count: of, value: share, upper: null }),
    format: formatShare,
  },
}
