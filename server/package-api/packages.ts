import type { PackageSubject } from '../../shared/record/index.ts'
import type { PackageAuthority } from '../../shared/types/packages.ts'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { Log, RecordedVersion } from '../log/index.ts'
import type { Routes } from '../registry/index.ts'
import { packageSubject } from '../verify/index.ts'

/** What of the server it takes to find a package in the log. */
export interface PackageRooms {
  log: Log
  routes: Routes
}

/** One of the packages of a name, as the log has it. */
export interface LoggedPackage {
  name: string
  authority: RegistryConfig
  subject: PackageSubject
  recorded: Map<string, RecordedVersion>
  /** The authority and its mirrors. */
  sources: readonly RegistryConfig[]
}

/** Also the answer where there is a name like this: what is private is not told from what is not there. */
const PRIVATE = 'This name is private to the operator of this server: it is in no public log.'

/**
 * The packages of a name: of those whom it is routed to, and of those of whom the log has one. Nobody is asked.
 * @throws RegistryError `NOT_FOUND` for a private name
 */
async function packagesOf(name: string, { log, routes }: PackageRooms): Promise<LoggedPackage[]> {
  if (routes.isPrivate(name)) throw new RegistryError('NOT_FOUND', PRIVATE)
  const routed = routes.authoritiesOf(name)
  const authorities = [...new Set([...routed, ...routes.authorities])]
  const all = await Promise.all(authorities.map(async (authority): Promise<LoggedPackage> => {
    const subject = packageSubject(name, authority, log.defaultNamespace)
    const sources = [authority, ...routes.mirrorsOf(authority)]
    return { name, authority, subject, sources, recorded: await log.versionsOf(subject) }
  }))
  return all.filter(({ authority, recorded }) => routed.includes(authority) || recorded.size > 0)
}

/**
 * The package that is asked for, by default the first one that the log has.
 * @param id of its authority
 * @throws RegistryError `NOT_FOUND`
 */
export async function choosePackage(
  name: string, id: string | undefined, rooms: PackageRooms,
): Promise<{ chosen: LoggedPackage, authorities: PackageAuthority[] }> {
  const { log, routes } = rooms
  const packages = await packagesOf(name, rooms)
  const chosen = id === undefined
    ? packages.find(({ recorded }) => recorded.size > 0) ?? packages[0]
    : packages.find(({ authority }) => authority.id === id)
  if (!chosen) throw new RegistryError('NOT_FOUND', `No registry of this name has ${name} here, or is asked for it.`)
  const routed = routes.authoritiesOf(name)
  return {
    chosen,
    authorities: packages.map(({ authority, recorded }) => ({
      id: authority.id,
      namespace: authority.namespace,
      isDefault: authority.namespace === log.defaultNamespace,
      isRouted: routed.includes(authority),
      versions: recorded.size,
    })),
  }
}
