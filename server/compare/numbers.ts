import { parsePurl } from '../../shared/record/index.ts'
import type { ProbeKind, RegistryNumbers, Share } from '../../shared/types/registries.ts'
import type { Arrival, Comparison, Found, Probe } from './types.ts'
import { behindOf, lagOf, meanDelay } from './lag.ts'
import { percentile, sampledShare, share, timing } from './statistics.ts'

/** What was measured of one source in one window. */
export interface Measurements {
  probes: readonly Probe[]
  comparisons: readonly Comparison[]
  /** Of a mirror: the same versions at its authority, and what appeared there. */
  authority?: { comparisons: readonly Comparison[], arrivals: readonly Arrival[] }
}

const KINDS: readonly ProbeKind[] = ['ping', 'packument', 'revalidation', 'tarball-head', 'tarball']
/** What everybody needs of a registry all the time. */
const AVAILABILITY: ReadonlySet<ProbeKind> = new Set(['ping', 'packument', 'tarball-head'])
/** Arch's divisor where nothing was complete. */
const LEAST_COMPLETION = 0.005
const HOUR = 3_600_000

/**
 * Section by section what a page shows. Pure: the same measurements give the same numbers.
 * @param now end of the window, milliseconds since the epoch
 */
export function numbersOf({ probes, comparisons, authority }: Measurements, now: number): RegistryNumbers {
  const availability = availabilityOf(probes)
  const latency = Object.fromEntries(KINDS.map(kind => [kind, timing(latencies(probes, kind))])) as RegistryNumbers['latency']
  const delay = authority ? meanDelay(authority.arrivals) : 0
  return {
    availability,
    latency,
    throughput: throughputOf(probes),
    lag: authority ? lagOf(authority.arrivals) : null,
    behind: authority ? behindOf(authority.arrivals, now) : null,
    ...comparedOf(comparisons, authority?.comparisons),
    score: scoreOf(delay, latency.packument, availability.share),
  }
}

/** Successes of what counts for availability; who was asked too often is neither up nor down. */
export function availabilityOf(probes: readonly Probe[]): RegistryNumbers['availability'] {
  const counted = probes.filter(({ kind }) => AVAILABILITY.has(kind))
  const answered = counted.filter(({ status }) => status !== 429)
  return { ...share(answered.filter(({ isOk }) => isOk).length, answered.length), limited: counted.length - answered.length }
}

/** Whether the last probes for availability all failed: up to three, newest first. */
export function isDown(probes: readonly Probe[]): boolean {
  const last = probes.filter(({ kind, status }) => AVAILABILITY.has(kind) && status !== 429)
    .toSorted((a, b) => b.at - a.at).slice(0, 3)
  return last.length > 0 && last.every(({ isOk }) => !isOk)
}

/** Only of what was asked for: a refusal can be quick. */
export function latencies(probes: readonly Probe[], kind: ProbeKind): number[] {
  const isWanted = ({ isOk, status }: Probe) =>
    isOk && status !== null && (kind === 'revalidation' ? status === 304 : status >= 200 && status < 300)
  return probes.filter(probe => probe.kind === kind && isWanted(probe)).flatMap(({ latency }) => latency ?? [])
}

function throughputOf(probes: readonly Probe[]): RegistryNumbers['throughput'] {
  const whole = probes.flatMap(({ kind, isOk, size, latency, duration }) =>
    kind === 'tarball' && isOk && size && latency !== null && duration !== null && latency + duration > 0
      ? [{ size, speed: size / (latency + duration) * 1000 }]
      : [])
  const median = (values: number[]) => percentile(values, 0.5)
  return { count: whole.length, p50: median(whole.map(({ speed }) => speed)), size: median(whole.map(({ size }) => size)) }
}

/** Arch's formula, unchanged. @param delay milliseconds */
export function scoreOf(
  delay: number | null, { mean, deviation }: { mean: number | null, deviation: number | null }, completion: number | null,
): number | null {
  if (delay === null || mean === null || completion === null) return null
  return (delay / HOUR + mean / 1000 + (deviation ?? 0) / 1000) / (completion || LEAST_COMPLETION)
}

function comparedOf(
  all: readonly Comparison[], reference: readonly Comparison[] | undefined,
): Pick<RegistryNumbers, 'coverage' | 'agreement' | 'signatures' | 'retained'> {
  const gone = new Set(reference?.filter(({ found }) => !found.isPresent).map(({ subject }) => subject))
  // What its authority no longer has, nobody has to have.
  const comparisons = all.filter(({ subject }) => !gone.has(subject))
  const present = comparisons.flatMap(({ found }) => found.isPresent ? [found] : [])
  const packages = byPackage(comparisons)
  const tagged = [...packages.values()].flatMap(({ found }) => found.tags === undefined ? [] : [found])
  const latest = (what: Found['latest']) => tagged.filter(found => found.latest === what).length
  const { count, of } = integrityOf(present)
  const withTime = present.filter(({ time }) => time === 'equal' || time === 'other')
  const looked = present.filter(({ signature }) => signature !== undefined)
  const checked = looked.filter(({ signature }) => signature === 'verifies' || signature === 'invalid')
  return {
    coverage: {
      versions: sampledShare(present.length, comparisons.length),
      packages: sampledShare([...packages.values()].filter(({ isThere }) => isThere).length, packages.size),
    },
    agreement: {
      integrity: sampledShare(count, of),
      missingIntegrity: share(present.filter(({ integrity }) => integrity === 'missing').length, present.length),
      bytes: equal(present.filter(({ bytes }) => bytes !== undefined), ({ bytes }) => bytes),
      manifest: equal(present.filter(({ manifest }) => manifest !== undefined), ({ manifest }) => manifest),
      time: equal(withTime, ({ time }) => time),
      latest: reference ? { ...equal(tagged, found => found.latest), older: latest('older'), newer: latest('newer') } : null,
      tags: reference ? equal(tagged, ({ tags }) => tags) : null,
    },
    signatures: {
      present: share(looked.filter(({ signature }) => signature !== 'none').length, looked.length),
      verified: share(checked.filter(({ signature }) => signature === 'verifies').length, checked.length),
    },
    retained: reference ? all.filter(({ subject, found }) => found.isPresent && gone.has(subject)).length : null,
  }
}

/** The recorded digest, of what has one. */
export function integrityOf(present: readonly Found[]): Share {
  return equal(present.filter(({ integrity }) => integrity === 'equal' || integrity === 'other'), ({ integrity }) => integrity)
}

function equal(found: readonly Found[], aspect: (found: Found) => string | undefined) {
  return share(found.filter(one => aspect(one) === 'equal').length, found.length)
}

/** What was found last of each package, and whether any of its versions is there. */
function byPackage(comparisons: readonly Comparison[]): Map<string, { at: number, found: Found, isThere: boolean }> {
  const packages = new Map<string, { at: number, found: Found, isThere: boolean }>()
  for (const { subject, at, found } of comparisons) {
    const { name, namespace = '' } = parsePurl(subject)
    const key = `${namespace} ${name}`
    const known = packages.get(key)
    const newest = !known || at > known.at ? { at, found } : known
    packages.set(key, { at: newest.at, found: newest.found, isThere: found.isPresent || known?.isThere === true })
  }
  return packages
}
