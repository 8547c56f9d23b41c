import type { RegistryConfig } from '../config/types.ts'
import type { Choice } from './choice.ts'
import type { HealthBook } from './health.ts'
import type { Quarantine } from './quarantine.ts'
import { hashOf, weightOf } from './rendezvous.ts'

/** Which registries may deliver a version's bytes. */
export interface Sources {
  /**
   * The authority and its mirrors, the best first. What is disabled, or lied about this very version, is not among them; what
   * does not answer at the moment comes last. Only looks things up.
   */
  for(authority: RegistryConfig, name: string, version: string, choice: Choice): readonly RegistryConfig[]
  /** Those of an authority's sources that are not asked for a version again, because they lied about it. */
  liars(authority: RegistryConfig, name: string, version: string): readonly RegistryConfig[]
  /** Whether a registry can be recommended to somebody who cannot try another one. */
  isHealthy(registry: RegistryConfig): boolean
  /**
   * Says that somebody was sent to a registry, of whom nobody will hear how it went: where there was no news for a while, the
   * registry is asked for a sign of life behind the request.
   */
  sent(registry: RegistryConfig, name: string, version: string): void
}

interface SourcesOptions {
  registries: readonly RegistryConfig[]
  health: HealthBook
  quarantine: Quarantine
  /** Package URL of a version, as the quarantine knows it. */
  subjectOf(authority: RegistryConfig, name: string, version: string): string
  /** Asks a registry whether it has a version; its answer goes into the health book. Never rejects. */
  knock(registry: RegistryConfig, name: string, version: string): Promise<unknown>
  /** From 0 to below 1. */
  random?: () => number
}

/** News of a registry that is older (ms) is none… */
const NEWS = 15_000
/** …and after a failure it is (ms), so that three of them do not take long. */
const BAD_NEWS = 1_000

interface Candidate {
  registry: RegistryConfig
  isOpen: boolean
  /** Place among the wishes of whoever asks. */
  wish: number
  /** By the strategy; lower is better. */
  cost: number
}

export function createSources(options: SourcesOptions): Sources {
  const { registries, health, quarantine, subjectOf, knock, random = Math.random } = options
  /** The sources of each authority, in the order of the configuration. */
  const groups = new Map(registries.filter(({ role }) => role === 'authority')
    .map(({ id }): [string, RegistryConfig[]] => [id, registries.filter(one => one.id === id || one.of === id)]))
  const seeds = new Map(registries.map(({ id }) => [id, hashOf(id)]))
  /** Registries that are being asked for a sign of life. */
  const knocking = new Set<string>()

  function knockAt(registry: RegistryConfig, name: string, version: string) {
    if (knocking.has(registry.id)) return
    knocking.add(registry.id)
    void knock(registry, name, version).finally(() => knocking.delete(registry.id))
  }

  function costs({ strategy }: Choice, name: string, version: string): (registry: RegistryConfig, place: number) => number {
    if (strategy === 'fastest') return registry => health.costOf(registry)
    if (strategy === 'priority') return (_, place) => place
    const key = hashOf(`${name}@${version}`)
    return ({ id }) => -weightOf(key, seeds.get(id)!)
  }

  const groupOf = (authority: RegistryConfig): readonly RegistryConfig[] => groups.get(authority.id) ?? [authority]

  return {
    for(authority, name, version, choice) {
      const group = groupOf(authority)
      const cost = costs(choice, name, version)
      let subject: string | undefined
      const candidates: Candidate[] = []
      for (const [place, registry] of group.entries()) {
        const { id } = registry
        if (choice.disabled.has(id)) continue
        if (quarantine.concerns(id) && quarantine.has(id, subject ??= subjectOf(authority, name, version))) continue
        // Nobody's request is the trial: whoever waits for an answer is not to wait for one that may never come.
        if (group.length > 1 && health.takeTrial(registry)) knockAt(registry, name, version)
        const wish = choice.order.indexOf(id)
        candidates.push({
          registry, isOpen: health.circuitOf(registry) !== 'closed', wish: wish < 0 ? Infinity : wish, cost: cost(registry, place),
        })
      }
      // Sorting is stable: what is equal stays in the order of the configuration.
      candidates.sort((a, b) => Number(a.isOpen) - Number(b.isOpen) || order(a.wish, b.wish) || a.cost - b.cost)
      if (choice.strategy === 'fastest') drawFirst(candidates, random)
      return candidates.map(({ registry }) => registry)
    },
    liars(authority, name, version) {
      const suspects = groupOf(authority).filter(({ id }) => quarantine.concerns(id))
      if (suspects.length === 0) return suspects
      const subject = subjectOf(authority, name, version)
      return suspects.filter(({ id }) => quarantine.has(id, subject))
    },
    isHealthy: registry => health.circuitOf(registry) === 'closed',
    sent(registry, name, version) {
      if (health.ageOf(registry) > (health.of(registry).state === 'down' ? BAD_NEWS : NEWS)) knockAt(registry, name, version)
    },
  }
}

function order(a: number, b: number): number {
  return a === b ? 0 : a - b
}

/**
 * The power of two choices: the better of two that are drawn comes first. Always taking the best would send everybody to the same
 * one, as soon as it was the best.
 * @param candidates the best first; only those that nobody wished for, and that answer, are drawn
 */
function drawFirst(candidates: Candidate[], random: () => number): void {
  const first = candidates.findIndex(({ isOpen, wish }) => !isOpen && wish === Infinity)
  if (first !== 0) return
  const end = candidates.findIndex(({ isOpen }) => isOpen)
  const count = end < 0 ? candidates.length : end
  if (count < 3) return
  const one = Math.floor(random() * count)
  const other = (one + 1 + Math.floor(random() * (count - 1))) % count
  const winner = Math.min(one, other)
  candidates.unshift(...candidates.splice(winner, 1))
}
