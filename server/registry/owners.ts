import type { RegistryConfig } from '../config/types.ts'
import { RegistryError, type ErrorCode } from '../errors.ts'
import { label, type Upstream } from './request.ts'
import type { Routes } from './routes.ts'

/** Whose a name is, where its route leaves that open: of several authorities, the one that has it. */
export interface Owners {
  /**
   * Almost every route has one authority, which is given at once. Of several, all are asked; nobody else ever is.
   * @param upstream how registries are asked, where a request has a way of its own
   * @throws RegistryError `AMBIGUOUS_NAME` if more than one has the name, `NOT_FOUND` if none has it, `UPSTREAM_UNAVAILABLE` or
   * what else went wrong if one of them cannot say: the others never decide for it
   */
  of(name: string, upstream?: AskFor): RegistryConfig | Promise<RegistryConfig>
  /** Whether registries have to be asked. */
  isOpen(name: string): boolean
}

type AskFor = (registry: RegistryConfig) => Upstream

interface OwnersOptions {
  routes: Pick<Routes, 'authoritiesOf'>
  upstream: AskFor
  /**
   * Resolves if the registry has the package.
   * @throws RegistryError `NOT_FOUND` if it has not, anything else if that is not known
   */
  find(name: string, upstream: Upstream): Promise<unknown>
}

export function createOwners({ routes, upstream: usual, find }: OwnersOptions): Owners {
  return {
    of(name, upstream = usual) {
      const authorities = routes.authoritiesOf(name)
      if (authorities.length === 1) return authorities[0]!
      return ownerAmong(name, authorities, registry => find(name, upstream(registry)))
    },
    isOpen: name => routes.authoritiesOf(name).length > 1,
  }
}

async function ownerAmong(
  name: string, authorities: readonly RegistryConfig[], find: (registry: RegistryConfig) => Promise<unknown>,
): Promise<RegistryConfig> {
  const answers = await Promise.allSettled(authorities.map(find))
  const having = authorities.filter((_, n) => answers[n]!.status === 'fulfilled')
  if (having.length > 1) throw ambiguous(name, having)
  for (const answer of answers) {
    if (answer.status === 'rejected' && !isMissing(answer.reason)) throw undecided(name, authorities, answer.reason)
  }
  const [owner] = having
  if (!owner) throw new RegistryError('NOT_FOUND', `${name} is in none of the registries that it is routed to: ${list(authorities)}.`)
  return owner
}

function isMissing(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'NOT_FOUND'
}

function ambiguous(name: string, registries: readonly RegistryConfig[]): RegistryError {
  return new RegistryError('AMBIGUOUS_NAME', `${name} is withheld: more than one registry has it, ${list(registries)}, `
    + `and nothing says whose it is. The operator of this proxy can decide that with a route: { "match": ["${name}"], "registry": "${registries[0]!.id}" }.`)
}

/** An answer that says nothing of the package is an outage; a refusal stays one, since asking again does not help. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set(['UPSTREAM_UNAVAILABLE', 'UPSTREAM_INVALID', 'UPSTREAM_TOO_LARGE'])
/** Seconds. */
const RETRY_AFTER = 5

function undecided(name: string, authorities: readonly RegistryConfig[], cause: unknown): unknown {
  if (!(cause instanceof RegistryError)) return cause
  const code = OUTAGES.has(cause.code) ? 'UPSTREAM_UNAVAILABLE' : cause.code
  const retryAfter = code === 'UPSTREAM_UNAVAILABLE' ? RETRY_AFTER : cause.retryAfter
  const what = `${name} is withheld: it may be in any of ${list(authorities)}, and not all of them can say.`
  return new RegistryError(code, `${what} ${cause.message}`, { cause, retryAfter })
}

function list(registries: readonly RegistryConfig[]): string {
  return registries.map(label).join(', ')
}
