import type { RegistryNumbers, RegistryReport } from '../../shared/types/registries.ts'
import { FEWEST_ARRIVALS } from './lag.ts'

/** What decides about a source's state. Numbers and counts are of the last 24 hours. */
export interface Circumstances {
  numbers: RegistryNumbers
  /** Nothing of the last probes came. */
  isDown: boolean
  /** Open incidents. */
  conflicts: number
  invalidSignatures: number
}

const HOUR = 3_600_000
const MINUTE = 60_000
/** Availability below this is flaky. */
const LEAST_AVAILABILITY = 0.99
/** A lag's 95th percentile (ms), and a share of missing versions, above which a mirror is lagging. */
const LONGEST_LAG = HOUR
const LARGEST_BEHIND = 0.05

/** The first gate that a source does not pass, in a fixed order; speed and correctness are never weighed against each other. */
export function statusOf({ numbers, isDown, conflicts, invalidSignatures }: Circumstances): RegistryReport['status'] {
  const { availability, lag, behind, agreement, signatures } = numbers
  const others = agreement.integrity.of - agreement.integrity.count + agreement.bytes.of - agreement.bytes.count
  const invalid = signatures.verified.of - signatures.verified.count

  if (conflicts > 0) return { state: 'conflict', reason: `${versions(conflicts, 'incident is', 'incidents are')} open in which it gave another digest than the recorded one.` }
  if (others > 0) return { state: 'conflict', reason: `${versions(others, 'sampled version has', 'sampled versions have')} another digest than the recorded one.` }
  if (invalidSignatures > 0) return { state: 'invalid-signature', reason: `${versions(invalidSignatures, 'incident is', 'incidents are')} open in which its signature does not verify.` }
  if (invalid > 0) return { state: 'invalid-signature', reason: `${versions(invalid, 'sampled version carries', 'sampled versions carry')} a signature that does not verify.` }
  if (isDown) return { state: 'down', reason: 'It answered none of the last probes.' }
  if (availability.share !== null && availability.share < LEAST_AVAILABILITY) {
    return { state: 'flaky', reason: `It answered ${availability.count} of ${availability.of} probes.` }
  }
  if (lag && lag.count >= FEWEST_ARRIVALS && lag.p95 && lag.p95.value > LONGEST_LAG) {
    return { state: 'lagging', reason: `Of ${lag.count} new versions, the slowest 5 % took ${lag.p95.isAtLeast ? 'at least ' : ''}${duration(lag.p95.value)} to arrive.` }
  }
  if (behind && behind.of >= FEWEST_ARRIVALS && behind.share! > LARGEST_BEHIND) {
    return { state: 'lagging', reason: `${behind.count} of ${behind.of} new versions of the last 24 hours are missing.` }
  }
  if (availability.share === null) return { state: 'unknown', reason: 'It was not measured in the last 24 hours.' }
  return { state: 'ok', reason: `It answered ${availability.count} of ${availability.of} probes, and contradicts nothing that is recorded.` }
}

function versions(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

function duration(milliseconds: number): string {
  return milliseconds < 2 * HOUR ? `${Math.round(milliseconds / MINUTE)} minutes` : `${Math.round(milliseconds / HOUR)} hours`
}
