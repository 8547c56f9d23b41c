import { formatPurl, RecordError, type VersionSubject } from '../../shared/record/index.ts'
import { RegistryError } from '../errors.ts'
import { badRequest, parseReason } from '../http/index.ts'
import type { Takedowns } from '../verify/index.ts'

/** A takedown as operators see it. */
interface ShownTakedown {
  /** Package URL with version. */
  subject: string
  reason: string
  by: string
  /** ISO 8601. */
  at: string
}

interface TakedownServices {
  takedowns: Takedowns
  /** What a version is called at every registry that may own its name. */
  subjectsOf(name: string, version: string): VersionSubject[]
}

/** Newest first. */
export async function listTakedowns({ takedowns }: TakedownServices): Promise<{ takedowns: ShownTakedown[] }> {
  return { takedowns: (await takedowns.list()).map(shown) }
}

/**
 * @param what `name@version`, decoded
 * @param body `{ by, reason }`; clients are shown the reason
 * @throws RegistryError `BAD_REQUEST`
 */
export async function takeDown(services: TakedownServices, what: string, body: unknown): Promise<{ takedowns: ShownTakedown[] }> {
  const added = await services.takedowns.add(parseVersion(what, services), parseReason(body))
  return { takedowns: added.map(shown) }
}

/** @throws RegistryError `BAD_REQUEST`, `NOT_FOUND` */
export async function undoTakedown(services: TakedownServices, what: string): Promise<void> {
  if (!await services.takedowns.remove(parseVersion(what, services))) throw new RegistryError('NOT_FOUND', `${what} is not taken down.`)
}

function parseVersion(what: string, { subjectsOf }: TakedownServices): VersionSubject[] {
  const at = what.lastIndexOf('@')
  try {
    const subjects = subjectsOf(what.slice(0, at), what.slice(at + 1))
    if (at > 0 && subjects.map(formatPurl).length > 0) return subjects
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
  }
  throw badRequest('Name one version behind /api/takedowns/, such as @scope/name@1.0.0.')
}

function shown({ at, ...takedown }: { subject: string, reason: string, by: string, at: number }): ShownTakedown {
  return { ...takedown, at: new Date(at).toISOString() }
}
