/** Chooses sources in this process; sends `Choices`. */
import type { RegistryConfig, Strategy } from '../../server/config/types.ts'
import { createHealthBook, createQuarantine, createSources } from '../../server/registry/index.ts'

/** Microseconds of a choice by each strategy. */
export type Choices = Record<Strategy, number>

const MIRRORS = 3
const TURNS = 200_000
const registries = Array.from({ length: 1 + MIRRORS }, (_, n): RegistryConfig => ({
  id: n === 0 ? 'npm' : `m${n}`, url: `http://source-${n}.example/`, namespace: `source-${n}.example`, origin: 'bench',
  ...(n === 0 ? { role: 'authority' } : { role: 'mirror', of: 'npm' }), tls: { rejectUnauthorized: true },
}))
const health = createHealthBook()
for (const registry of registries) health.answered(registry, 200, 10 + registry.id.length)
const quarantine = createQuarantine()
// One of them lied about something else: who is suspected is looked at more closely.
quarantine.add('m1', 'pkg:npm/other@1.0.0')
const sources = createSources({
  registries, health, quarantine, knock: () => Promise.resolve(),
  subjectOf: (_, name, version) => `pkg:npm/${name}@${version}`,
})

const choices: Partial<Choices> = {}
for (const strategy of ['priority', 'fastest', 'spread'] as const) {
  const choice = { strategy, order: [], disabled: new Set<string>() }
  const turns = (count: number) => {
    const started = performance.now()
    for (let n = 0; n < count; n++) sources.for(registries[0]!, `package-${n % 997}`, `1.${n % 31}.0`, choice)
    return (performance.now() - started) * 1000 / count
  }
  turns(TURNS / 10)
  choices[strategy] = turns(TURNS)
}
process.send!(choices)
