import type { Delay, RegistryNumbers, SampledShare, Share, Timing } from '../../shared/types/registries.ts'
import { formatDelay, formatInterval, formatLatency, formatShare, formatSpeed } from '../display/measure.ts'
import { formatBytes } from '../display/quantity.ts'
import type { Translate } from '../display/translate.ts'

/** One number of a source, with what it rests on and how it is made. */
interface NumberLine {
  /** Key of its name. */
  label: string
  /** Null: nothing or too little was measured. */
  value: string | null
  /** How much was counted. */
  count: number
  basis: string
  /** Key of the formula. */
  how: string
}

/** All numbers of a source, in the order of the methodology. What does not apply to it is left out. */
export function linesOf(numbers: RegistryNumbers, t: Translate): NumberLine[] {
  const { availability, latency, throughput, lag, behind, coverage, agreement, signatures, retained, score } = numbers
  const method = (name: string) => ({ label: `registry.registries.method.${name}Term`, how: `registry.registries.method.${name}Text` })
  const own = (name: string) => ({ label: `registry.registries.one.${name}`, how: `registry.registries.one.${name}How` })
  const counted = ({ count, of }: Share) => t('registry.registries.value.of', { count, of })
  const shareLine = (keys: { label: string, how: string }, share: Share, more?: string): NumberLine => ({
    ...keys, value: share.share === null ? null : formatShare(share.share), count: share.of,
    basis: [counted(share), more].filter(Boolean).join('; '),
  })
  const sampled = (keys: { label: string, how: string }, share: SampledShare) =>
    shareLine(keys, share, share.interval ? t('registry.registries.value.interval', { interval: formatInterval(share.interval) }) : undefined)
  const limited = availability.limited > 0 ? t('registry.registries.value.limited', { n: availability.limited }) : undefined

  return [
    shareLine(method('availability'), availability, limited),
    ...(lag
      ? [{
          ...method('lag'), count: lag.count,
          value: quantiles({ ...lag, spread: lag.mean && t('registry.registries.value.mean', { value: formatDelay(lag.mean, t) }) }, delay => formatDelay(delay, t), t),
          basis: [t('registry.registries.value.versions', { n: lag.count }), t('registry.registries.value.pending', { n: lag.pending })].join('; '),
        }]
      : []),
    ...(behind ? [shareLine(method('behind'), behind)] : []),
    {
      ...method('latency'), count: latency.packument.count, value: timing(latency.packument, t),
      basis: t('registry.registries.value.documents', { n: latency.packument.count }),
    },
    {
      ...method('throughput'), count: throughput.count, value: throughput.p50 === null ? null : formatSpeed(throughput.p50),
      basis: [
        t('registry.registries.value.downloads', { n: throughput.count }),
        throughput.size === null ? undefined : t('registry.registries.value.size', { size: formatBytes(throughput.size) }),
      ].filter(Boolean).join('; '),
    },
    sampled(method('coverage'), coverage.versions),
    sampled(own('packages'), coverage.packages),
    sampled(method('agreement'), agreement.integrity),
    shareLine(own('missingIntegrity'), agreement.missingIntegrity),
    shareLine(own('bytes'), agreement.bytes),
    shareLine(own('manifest'), agreement.manifest),
    shareLine(own('time'), agreement.time),
    ...(agreement.latest
      ? [shareLine(own('latest'), agreement.latest, t('registry.registries.one.older', { n: agreement.latest.older, m: agreement.latest.newer }))]
      : []),
    ...(agreement.tags ? [shareLine(own('tags'), agreement.tags)] : []),
    shareLine(own('signed'), signatures.present),
    shareLine(method('signatures'), signatures.verified),
    ...(retained === null ? [] : [{ ...own('retained'), count: coverage.versions.of, value: String(retained), basis: '' }]),
    { ...method('score'), count: latency.packument.count, value: score === null ? null : score.toFixed(2), basis: '' },
  ]
}

function timing({ mean, deviation, p50, p95 }: Timing, t: Translate): string | null {
  if (mean === null) return null
  const spread = deviation === null
    ? t('registry.registries.value.mean', { value: formatLatency(mean) })
    : t('registry.registries.value.spread', { mean: formatLatency(mean), deviation: formatLatency(deviation) })
  return quantiles({ p50, p95, max: null, spread }, formatLatency, t)
}

function quantiles<Value extends number | Delay>(
  { p50, p95, max, spread }: { p50: Value | null, p95: Value | null, max: Value | null, spread: string | null },
  format: (value: Value) => string, t: Translate,
): string | null {
  const parts = [
    spread,
    p50 === null ? null : t('registry.registries.value.p50', { value: format(p50) }),
    p95 === null ? null : t('registry.registries.value.p95', { value: format(p95) }),
    max === null ? null : t('registry.registries.value.max', { value: format(max) }),
  ].filter(part => part !== null)
  return parts.length > 0 ? parts.join(', ') : null
}
