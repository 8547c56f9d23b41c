import * as v from 'valibot'
import { formatPurl, RecordError } from '../../shared/record/index.ts'
import { MAX_BADGES } from '../../shared/types/badges.ts'
import { badRequest } from '../http/index.ts'

/** One version of a package. */
export interface Asked {
  name: string
  version: string
}

const Body = v.strictObject({ packages: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MAX_BADGES)) })

/** @throws RegistryError `BAD_REQUEST` */
export function parseBatch(body: unknown): Asked[] {
  const parsed = v.safeParse(Body, body)
  if (!parsed.success) {
    throw badRequest(`Send JSON with nothing but "packages": from 1 to ${MAX_BADGES} texts such as "@scope/name@1.0.0".`)
  }
  return parsed.output.packages.map((text, n) => {
    const asked = askedIn(text)
    if (!asked) throw badRequest(`Number ${n + 1} of "packages" does not name one version, as "@scope/name@1.0.0" does.`)
    return asked
  })
}

/**
 * @param text `name@version`, decoded
 * @throws RegistryError `BAD_REQUEST`
 */
export function parseOne(text: string): Asked {
  const asked = askedIn(text)
  if (!asked) throw badRequest('Name one version behind /api/badges/, such as @scope/name@1.0.0.')
  return asked
}

function askedIn(text: string): Asked | undefined {
  const at = text.lastIndexOf('@')
  const asked = { name: text.slice(0, Math.max(at, 0)), version: text.slice(at + 1) }
  try {
    formatPurl(asked)
    return asked
  } catch (error) {
    if (error instanceof RecordError) return undefined
    throw error
  }
}
