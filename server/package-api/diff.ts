import type { DocumentDifferences, FieldDifference } from '../../shared/types/packages.ts'
import { KEY_ORDER, type DocumentFields, type Fields } from '../packument/index.ts'
import { newestFirst } from './order.ts'

/** A document, and where its registry is. */
export interface Side {
  fields: DocumentFields
  /** URL of the registry, with a trailing slash. */
  base: string
}

const MOST_FIELDS = 100
const MOST_VERSIONS = 50
const MOST_NAMED = 20
/** What no installation depends on, and what registries fill in as they like. A leading underscore says the same. */
const DECORATION = new Set([
  'readme', 'readmeFilename', 'maintainers', 'contributors', 'author', 'users', 'keywords', 'homepage', 'bugs', 'repository',
  'description', 'gitHead', 'time.modified', 'time.created', 'dist.fileCount', 'dist.unpackedSize', 'dist.size', 'dist.npm-signature',
  'publish_time', 'createdAt', 'updatedAt', 'modified', 'created',
])

/** What two registries say of one package, field by field. Pure; what they only write differently is counted, not listed. */
export function diffDocuments(left: Side, right: Side): DocumentDifferences {
  const noise = new Map<string, number>()
  const compare = (a: Fields, b: Fields): FieldDifference[] => {
    const { differences, ignored } = diffFields(a, b, left.base, right.base)
    for (const what of ignored) noise.set(what, (noise.get(what) ?? 0) + 1)
    return differences
  }

  const fields = compare(left.fields.package, right.fields.package)
  const common = newestFirst([...left.fields.versions.keys()].filter(version => right.fields.versions.has(version)))
  const versions = common
    .map(version => ({ version, fields: compare(left.fields.versions.get(version)!, right.fields.versions.get(version)!) }))
    .filter(({ fields }) => fields.length > 0)
  return {
    fields: fields.slice(0, MOST_FIELDS),
    versions: versions.slice(0, MOST_VERSIONS).map(one => ({ ...one, fields: one.fields.slice(0, MOST_FIELDS) })),
    differing: versions.length,
    common: common.length,
    only: { left: onlyIn(left, right), right: onlyIn(right, left) },
    noise: [...noise].map(([what, count]) => ({ what, count }))
      .toSorted((a, b) => b.count - a.count || (a.what < b.what ? -1 : 1)).slice(0, MOST_NAMED),
  }
}

function onlyIn(one: Side, other: Side) {
  const versions = [...one.fields.versions.keys()].filter(version => !other.fields.versions.has(version))
  return { total: versions.length, versions: newestFirst(versions).slice(0, MOST_NAMED) }
}

interface Diff {
  differences: FieldDifference[]
  /** Fields that differ without meaning anything by it. */
  ignored: string[]
}

function diffFields(left: Fields, right: Fields, leftBase: string, rightBase: string): Diff {
  const differences: FieldDifference[] = []
  const ignored: string[] = []
  for (const field of new Set([...left.keys(), ...right.keys()])) {
    const [a, b] = [left.get(field), right.get(field)]
    if (a === b) continue
    if (field === KEY_ORDER) {
      // Fields that only one of them has are told on their own.
      if (a !== undefined && b !== undefined && sorted(a) === sorted(b)) ignored.push(field)
    } else if (isDecoration(field) || (field === 'dist.tarball' && isSameFile(a, b, leftBase, rightBase))) {
      ignored.push(field.slice(0, 100))
    } else {
      differences.push({ field: field.slice(0, 200), left: a ?? null, right: b ?? null })
    }
  }
  return { differences: differences.toSorted((a, b) => rank(a.field) - rank(b.field) || (a.field < b.field ? -1 : 1)), ignored }
}

/** What decides over an installation comes first. */
const FIRST = ['dist.integrity', 'dist.shasum', 'dist.tarball', 'dist.signatures', 'dependencies', 'deprecated', 'time']

function rank(field: string): number {
  const place = FIRST.indexOf(field)
  return place < 0 ? FIRST.length : place
}

function sorted(keys: string): string {
  return keys.split(' ').toSorted().join(' ')
}

function isDecoration(field: string): boolean {
  return field.startsWith('_') || field.startsWith('dist._') || DECORATION.has(field)
}

/** Every registry names a URL of its own: what counts is the path below the registry. */
function isSameFile(left: string | undefined, right: string | undefined, leftBase: string, rightBase: string): boolean {
  const [a, b] = [pathOf(left, leftBase), pathOf(right, rightBase)]
  return a !== undefined && a === b
}

function pathOf(json: string | undefined, base: string): string | undefined {
  try {
    const url = new URL(JSON.parse(json ?? 'null') as string)
    const { origin, pathname } = new URL(base)
    const path = decodeURIComponent(url.pathname)
    return url.origin === origin && path.startsWith(pathname) ? path.slice(pathname.length - 1) : path
  } catch {
    return undefined
  }
}
