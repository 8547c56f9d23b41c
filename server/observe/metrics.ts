import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** Everything `/metrics` shows, under one prefix. Labels are bounded: routes, registries and codes, never names. */
export type Metrics = ReturnType<typeof createMetrics>

const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

export function createMetrics() {
  const register = new Registry()
  const registers = [register]
  // Event-loop lag, memory, handles and garbage collection come from the library.
  collectDefaultMetrics({ register })
  return {
    register,
    requests: countedCheaply('registry_requests_total', 'Requests to the registry and to the checksum database', ['route', 'status'], registers),
    duration: new Histogram({
      name: 'registry_request_duration_seconds', help: 'Time to the last byte of an answer', labelNames: ['route'],
      buckets: LATENCY_BUCKETS, registers,
    }),
    bytes: countedCheaply('registry_response_bytes_total', 'Body bytes sent', ['route'], registers),
    upstreamDuration: new Histogram({
      name: 'registry_upstream_duration_seconds', help: 'Time to the head of an upstream\'s answer', labelNames: ['registry', 'status'],
      buckets: LATENCY_BUCKETS, registers,
    }),
    upstreamErrors: new Counter({
      name: 'registry_upstream_errors_total', help: 'Requests to an upstream without a usable answer', labelNames: ['registry', 'code'], registers,
    }),
    cache: countedCheaply('registry_packument_lookups_total', 'Looks at the packument cache by the tier that answered', ['tier'], registers),
    joins: new Counter({
      name: 'registry_single_flight_joins_total', help: 'Requests that waited for work already running', labelNames: ['work'], registers,
    }),
    dropped: new Counter({
      name: 'registry_dropped_versions_total', help: 'Versions and tags left out because they contradict themselves',
      labelNames: ['registry'], registers,
    }),
    recorded: new Counter({ name: 'registry_log_records_total', help: 'Records that this process appended to the log', registers }),
    commitDuration: new Histogram({
      name: 'registry_log_commit_duration_seconds', help: 'Time of one commit to the log, the disk included', buckets: LATENCY_BUCKETS, registers,
    }),
    recordedVersions: new Counter({
      name: 'registry_recorded_versions_total', help: 'Versions that this process recorded or pinned, by how their digest is known',
      labelNames: ['evidence'], registers,
    }),
    mirrorOnly: new Counter({
      name: 'registry_mirror_only_versions_total', help: 'Versions that a mirror lists while its authority is away, and that nobody has recorded',
      labelNames: ['registry'], registers,
    }),
    withheld: new Counter({
      name: 'registry_withheld_versions_total', help: 'Versions found that may not be served, by the reason\'s code', labelNames: ['code'], registers,
    }),
    noted: new Counter({
      name: 'registry_noted_versions_total', help: 'Versions that break a rule and are served all the same',
      labelNames: ['kind'], registers,
    }),
    incidents: new Counter({ name: 'registry_incidents_total', help: 'Broken rules, each cause once', labelNames: ['kind'], registers }),
    wrongTokens: new Counter({
      name: 'registry_wrong_tokens_total', help: 'Tokens that are no profile\'s, by where they were sent', labelNames: ['surface'], registers,
    }),
    failovers: new Counter({
      name: 'registry_tarball_failovers_total', help: 'Sources that did not deliver a version\'s bytes', labelNames: ['registry', 'code'], registers,
    }),
    redirects: countedCheaply('registry_tarball_redirects_total', 'Tarball requests that were answered with a redirect', ['registry'], registers),
    lies: new Counter({
      name: 'registry_tarball_lies_total', help: 'Tarballs with other bytes than the recorded ones', labelNames: ['registry'], registers,
    }),
    trouble: new Counter({
      name: 'registry_trouble_total', help: 'Failures that no client saw, such as of the disk cache', registers,
    }),
    /** One value for each value of a label. */
    gaugeOf(name: string, help: string, label: string, read: () => Iterable<readonly [string, number]>) {
      return new Gauge({
        name, help, labelNames: [label], registers,
        collect() {
          this.reset()
          for (const [value, number] of read()) this.set({ [label]: value }, number)
        },
      })
    },
    gauge(name: string, help: string, read: () => number) {
      return new Gauge({
        name, help, registers,
        collect() {
          this.set(read())
        },
      })
    },
  }
}

/**
 * A counter for the hot path: an addition to a map instead of the library's hashing of labels, which the library gets to see
 * when somebody reads the metrics.
 */
function countedCheaply(name: string, help: string, labelNames: string[], registers: Registry[]) {
  const tally = new Map<string, number>()
  const counter = new Counter({
    name, help, labelNames, registers,
    collect() {
      counter.reset()
      for (const [key, count] of tally) {
        const values = key.split(' ')
        counter.inc(Object.fromEntries(labelNames.map((label, n) => [label, values[n]!])), count)
      }
    },
  })
  return {
    /** @param key the labels' values, in order, with a space between them */
    add(key: string, count = 1) {
      tally.set(key, (tally.get(key) ?? 0) + count)
    },
  }
}
