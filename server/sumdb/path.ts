import { LRUCache } from 'lru-cache'
import { formatPurl, parseGoLookup, RecordError } from '../../shared/record/index.ts'
import { parseBundlePath, parseGoDataPath, parseGoTilePath, parseTilePath, type TileId } from '../../shared/tlog/index.ts'

/** What a path of the checksum database asks for. */
export type Target
  = | { route: 'checkpoint' | 'vkey' | 'add' | 'go-latest' | 'go-vkey' | 'go-supported' }
    | { route: 'tile' | 'go-tile', tile: TileId }
    /** The records of one tile, in C2SP's form or in Go's. */
    | { route: 'entries' | 'go-data', index: number, width: number }
    | { route: 'lookup' | 'proof' | 'go-lookup', name: string, version: string }
    /** A path below one of ours that has no such form, and the form that it should have. */
    | { route: 'malformed', form: string }
    | { route: 'unknown' }

const UNKNOWN: Target = { route: 'unknown' }

const FIXED: Record<string, Target> = {
  'checkpoint': { route: 'checkpoint' },
  'vkey': { route: 'vkey' },
  'add': { route: 'add' },
  'go/latest': { route: 'go-latest' },
  'go/vkey': { route: 'go-vkey' },
  'go/supported': { route: 'go-supported' },
}

/** Names cost more to check than all the rest of a warm lookup, and clients ask for the same ones over and over. */
const subjects = new LRUCache<string, Target>({ max: 10_000 })
const LONGEST_PATH = 1_024

const FORMS = {
  tile: 'tile/<level>/<index>[.p/<width>]',
  entries: 'tile/entries/<index>[.p/<width>]',
  goTile: 'tile/8/<level>/<index>[.p/<width>]',
  goData: 'tile/8/data/<index>[.p/<width>]',
  lookup: 'lookup/npm/<name>@<version>',
  proof: 'proof/npm/<name>@<version>',
  goLookup: 'lookup/<escaped module path>@<escaped version>',
}

/**
 * The one parser of the checksum database's paths, over the raw URL. Tiles have exactly one spelling; a package's name may be
 * written as npm's clients do (`@s/x`, `@s%2fx`, `%40s%2Fx`), decoded exactly once.
 * @param path raw request target below the surface's prefix, starting with `/`; a query is ignored
 */
export function parseSumdbPath(path: string): Target {
  const known = subjects.get(path)
  if (known) return known
  if (path.length > LONGEST_PATH) return UNKNOWN
  const target = parse(path)
  if ('name' in target) subjects.set(path, target)
  return target
}

function parse(path: string): Target {
  const end = path.indexOf('?')
  const rest = path.slice(1, end < 0 ? undefined : end)
  if (Object.hasOwn(FIXED, rest)) return FIXED[rest]!
  if (rest.startsWith('tile/entries/')) return parseEntries('entries', parseBundlePath(rest), FORMS.entries)
  if (rest.startsWith('tile/')) return parseTile('tile', parseTilePath(rest), FORMS.tile)
  if (rest.startsWith('lookup/')) return parseSubject('lookup', rest.slice('lookup/'.length))
  if (rest.startsWith('proof/')) return parseSubject('proof', rest.slice('proof/'.length))
  return rest.startsWith('go/') ? parseGo(rest.slice('go/'.length)) : UNKNOWN
}

function parseGo(rest: string): Target {
  if (rest.startsWith('tile/8/data/')) return parseEntries('go-data', parseGoDataPath(rest), FORMS.goData)
  if (rest.startsWith('tile/')) return parseTile('go-tile', parseGoTilePath(rest), FORMS.goTile)
  if (!rest.startsWith('lookup/')) return UNKNOWN
  const subject = parseGoLookup(decoded(rest.slice('lookup/'.length)))
  return subject ? { route: 'go-lookup', ...subject } : { route: 'malformed', form: FORMS.goLookup }
}

function parseTile(route: 'tile' | 'go-tile', tile: TileId | undefined, form: string): Target {
  return tile ? { route, tile } : { route: 'malformed', form }
}

function parseEntries(route: 'entries' | 'go-data', bundle: { index: number, width: number } | undefined, form: string): Target {
  return bundle ? { route, ...bundle } : { route: 'malformed', form }
}

function parseSubject(route: 'lookup' | 'proof', rest: string): Target {
  const spec = rest.startsWith('npm/') ? decoded(rest.slice('npm/'.length)) : ''
  const at = Math.max(spec.lastIndexOf('@'), 0)
  const name = spec.slice(0, at)
  const version = spec.slice(at + 1)
  return isSubject(name, version) ? { route, name, version } : { route: 'malformed', form: FORMS[route] }
}

/** Both have a form so narrow that nothing which was decoded can be a path, an escape or a control character. */
function isSubject(name: string, version: string): boolean {
  try {
    formatPurl({ name, version })
    return true
  } catch (error) {
    if (error instanceof RecordError) return false
    throw error
  }
}

/** Decoded once; empty if that cannot be done. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
