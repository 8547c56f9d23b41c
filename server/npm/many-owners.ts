import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { NpmServices } from './types.ts'
import type { View } from './view.ts'

/** Names that one request may have registries asked for; whoever installed them has had all of them asked for already. */
const MOST_ASKED = 1_000
const AT_ONCE = 8
/** Milliseconds; what is not known by then is left out. */
const PATIENCE = 10_000

/**
 * Whose each of many names is, without those that are private, nobody's, or several registries', and those that take too long to
 * decide.
 */
export async function ownersOf(names: Iterable<string>, view: View, services: NpmServices): Promise<Map<string, RegistryConfig>> {
  const owners = new Map<string, RegistryConfig>()
  const open: string[] = []
  for (const name of names) {
    if (view.routes.isPrivate(name)) continue
    if (services.owners.isOpen(name)) open.push(name)
    else owners.set(name, view.routes.authorityOf(name))
  }
  if (open.length > 0) await decide(open.slice(0, MOST_ASKED), owners, services)
  return owners
}

async function decide(open: string[], owners: Map<string, RegistryConfig>, services: NpmServices): Promise<void> {
  let failure: unknown
  const work = async () => {
    for (let name = open.shift(); name !== undefined; name = open.shift()) {
      try {
        owners.set(name, await services.owners.of(name, services.upstream))
      } catch (error) {
        if (!(error instanceof RegistryError) || error.status >= 500) failure = error
      }
    }
  }
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE).unref()
  })
  await Promise.race([patience, Promise.all(Array.from({ length: AT_ONCE }, work))])
  clearTimeout(timer)
  // Nothing more is begun.
  open.length = 0
  // Once for all: a registry that is away would say the same of each name.
  if (failure !== undefined) services.trouble('asking whose the names of an audit are', failure)
}
