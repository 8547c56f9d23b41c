import type { SampledShare, Share, Timing } from '../../shared/types/registries.ts'

/** Below this, a 95th percentile is the largest value and says nothing of its own. */
const FEWEST_FOR_P95 = 5
/** Standard normal quantile of a two-sided probability of 95 %. */
const Z = 1.959964

export function share(count: number, of: number): Share {
  return { count, of, share: of === 0 ? null : count / of }
}

/** A share of a sample with its Wilson score interval, which stays within 0 and 1 and is wide where the sample is small. */
export function sampledShare(count: number, of: number): SampledShare {
  if (of === 0) return { ...share(count, of), interval: null }
  const p = count / of
  const z2 = Z * Z
  const centre = p + z2 / (2 * of)
  const margin = Z * Math.sqrt(p * (1 - p) / of + z2 / (4 * of * of))
  const scale = 1 + z2 / of
  const interval = { low: Math.max(0, (centre - margin) / scale), high: Math.min(1, (centre + margin) / scale) }
  return { ...share(count, of), interval }
}

/** Place of a quantile among so many sorted values, by nearest rank. */
export function rankOf(quantile: number, count: number): number {
  return Math.max(0, Math.ceil(quantile * count) - 1)
}

/** The value at a quantile by nearest rank; null where there is none. */
export function percentile(values: readonly number[], quantile: number): number | null {
  return values.toSorted((a, b) => a - b)[rankOf(quantile, values.length)] ?? null
}

/** @param values milliseconds */
export function timing(values: readonly number[]): Timing {
  const count = values.length
  const mean = count === 0 ? null : values.reduce((sum, value) => sum + value, 0) / count
  return {
    count,
    p50: percentile(values, 0.5),
    p95: count < FEWEST_FOR_P95 ? null : percentile(values, 0.95),
    mean,
    deviation: count < 2 ? null : Math.sqrt(values.reduce((sum, value) => sum + (value - mean!) ** 2, 0) / (count - 1)),
  }
}
