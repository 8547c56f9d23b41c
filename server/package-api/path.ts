import { formatPurl, RecordError } from '../../shared/record/index.ts'
import { RegistryError } from '../errors.ts'

/** What of a package is asked for. */
interface PackagePath {
  name: string
  part: 'report' | 'registries' | 'differences'
}

/** The longest name that is looked at; npm's longest have 214 characters. */
const LONGEST_NAME = 512
/** No name ends like this: behind a scope stands one word, and a name without a scope has no slash. */
const PART = /^(.+)\/-\/(registries|differences)$/

/**
 * Path below `/api/packages/`, decoded: `@scope/name`, or with a part `@scope/name/-/registries`.
 * @throws RegistryError `BAD_NAME`
 */
export function parsePackagePath(path: string): PackagePath {
  const [, before = path, part = 'report'] = PART.exec(path) ?? []
  return { name: parseName(before), part: part as PackagePath['part'] }
}

function parseName(name: string): string {
  try {
    if (name.length > LONGEST_NAME) throw new RecordError('BAD_SUBJECT', 'too long')
    formatPurl({ name })
    return name
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    const shown = JSON.stringify(name.slice(0, 100).toWellFormed())
    throw new RegistryError('BAD_NAME', `${shown} is not the name of an npm package, such as name or @scope/name.`)
  }
}
