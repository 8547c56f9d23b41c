import type { Manifest, Packument } from './types.ts'

/** Manifest fields that installing needs. Beyond npm's own list: `libc`, and who published (trust policies read it). */
const MANIFEST_FIELDS = [
  'name', 'version', 'deprecated', 'dependencies', 'acceptDependencies', 'optionalDependencies', 'devDependencies',
  'bundleDependencies', 'bundledDependencies', 'peerDependencies', 'peerDependenciesMeta', 'bin', 'directories', 'dist', 'engines',
  '_hasShrinkwrap', 'hasInstallScript', 'cpu', 'os', 'libc', 'funding',
] as const

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall']

/**
 * The abbreviated packument of `application/vnd.npm.install-v1+json`. Unlike npm's it has a complete `time`,
 * which spares clients with a minimum release age a second request.
 */
export function toCorgi(packument: Packument): object {
  const versions: Record<string, object> = Object.create(null)
  for (const [version, manifest] of Object.entries(packument.versions)) versions[version] = abbreviate(manifest)
  const { time } = packument
  return {
    'name': packument.name,
    'modified': modifiedOf(packument),
    'dist-tags': packument['dist-tags'],
    versions,
    ...(time && { time }),
  }
}

function abbreviate(manifest: Manifest): object {
  const corgi: Record<string, unknown> = {}
  for (const field of MANIFEST_FIELDS) {
    if (manifest[field] !== undefined) corgi[field] = manifest[field]
  }
  if (hasInstallScript(manifest)) corgi.hasInstallScript = true
  const publisher = trustOf(manifest._npmUser)
  if (publisher) corgi._npmUser = publisher
  return corgi
}

function hasInstallScript(manifest: Manifest): boolean {
  const { scripts } = manifest
  return typeof scripts === 'object' && scripts !== null && INSTALL_SCRIPTS.some(script => script in scripts)
}

/** Of the publisher only what trust policies compare. */
function trustOf(user: unknown): object | undefined {
  if (typeof user !== 'object' || user === null) return undefined
  const { trustedPublisher, approver } = user as Record<string, unknown>
  if (trustedPublisher === undefined && approver === undefined) return undefined
  return { ...(trustedPublisher !== undefined && { trustedPublisher }), ...(approver !== undefined && { approver }) }
}

/**
 * Clients skip the full document when `modified` is old enough, so it must not be older than any publish time:
 * the registry's own value, unless a version is younger.
 */
function modifiedOf({ time, modified }: Packument): string | undefined {
  const own = time?.modified ?? (typeof modified === 'string' ? modified : undefined)
  let latest = own
  for (const at of Object.values(time ?? {})) {
    // What is no date loses against any date.
    if (Date.parse(at) > (Date.parse(latest ?? '') || -Infinity)) latest = at
  }
  return latest
}
