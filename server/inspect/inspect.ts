import { messageOf } from '../errors.ts'
import { assertBearable } from '../packument/weight.ts'
import { hasDigest, readArchive, UnreadableArchive, type Archive } from './archive.ts'
import { bounded, compareManifests } from './compare.ts'
import { unreadable, type Finding, type Inspected, type Inspection, type InspectionLimits } from './types.ts'

/** Compares a tarball with what its registry says of it. Takes as long as the tarball is large: for a worker. */
export async function inspect({ path, integrity, manifest }: Inspected, limits: InspectionLimits): Promise<Inspection> {
  // A damaged disk is not the package's fault.
  if (!await hasDigest(path, integrity)) return { state: 'gone' }
  let archive: Archive
  try {
    archive = await readArchive(path, limits)
  } catch (error) {
    if (!(error instanceof UnreadableArchive)) throw error
    return inspected([unreadable(`The tarball cannot be read: ${error.message}.`)])
  }
  const { manifest: own, hasGyp, oddities } = archive
  if (!own) return inspected([unreadable('The tarball has no package.json.'), ...oddities])
  const fromTarball = parse(own, limits)
  if (typeof fromTarball === 'string') return inspected([unreadable(`The tarball's package.json ${fromTarball}.`), ...oddities])
  const fromRegistry = parse(manifest, limits)
  if (typeof fromRegistry === 'string') return inspected([unreadable(`The registry's manifest ${fromRegistry}.`), ...oddities])
  try {
    return inspected([...compareManifests(fromRegistry, fromTarball, { hasGyp }), ...oddities])
  } catch (error) {
    // Comparing needs a stack for each level.
    if (!(error instanceof RangeError)) throw error
    return inspected([unreadable('The tarball\'s package.json is nested too deeply.'), ...oddities])
  }
}

function inspected(findings: Finding[]): Inspection {
  return { state: 'inspected', findings: bounded(findings) }
}

/** The object, or what is wrong with it. */
function parse(bytes: Uint8Array, limits: InspectionLimits): Record<string, unknown> | string {
  if (bytes.length > limits.manifest) return `has more than ${limits.manifest} bytes`
  try {
    assertBearable(bytes, 'a tarball')
  } catch {
    // All that this can say.
    return 'has too many parts to be held in memory'
  }
  try {
    // As npm reads it: a byte order mark, and bytes that are no UTF-8, are forgiven.
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : 'is no JSON object'
  } catch (error) {
    return `is no JSON (${messageOf(error)})`
  }
}
