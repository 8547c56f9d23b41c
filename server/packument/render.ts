import { RegistryError } from '../errors.ts'
import { tarballPath } from '../tarball/url.ts'
import { toCorgi } from './corgi.ts'
import type { AddedSignatures, Manifest, ManifestRendering, Omissions, Packument, Rendering, TarballUrls } from './types.ts'

/**
 * Writes a packument, or one of its manifests, as a client asked for it. A manifest stays as the authority
 * published it; only `dist.tarball` is set, and our own signature added if there is one. What is omitted is left out as a whole:
 * versions, their times, the tags at them.
 * @returns UTF-8 JSON
 * @throws RegistryError `UPSTREAM_INVALID` for what can be read but not written
 */
export function render(
  packument: Packument, rendering: Rendering | ManifestRendering, omissions?: Omissions, signatures?: AddedSignatures,
): Buffer {
  try {
    return Buffer.from(JSON.stringify(select(omissions ? without(packument, omissions) : packument, rendering, signatures)))
  } catch (cause) {
    // Reading needs no stack for each level, writing does.
    if (!(cause instanceof RangeError)) throw cause
    throw new RegistryError('UPSTREAM_INVALID', `The registry's document for ${packument.name} is nested too deeply; nothing of it is used.`, { cause })
  }
}

function select(packument: Packument, rendering: Rendering | ManifestRendering, signatures?: AddedSignatures): object {
  const write = (manifest: Manifest) => withSignature(withTarball(manifest, rendering.tarballs), signatures)
  if (rendering.form === 'manifest') {
    const manifest = packument.versions[rendering.version]
    if (!manifest) throw new Error(`${packument.name} has no version ${rendering.version} to render`)
    return write(manifest)
  }
  const versions: Record<string, Manifest> = Object.create(null)
  for (const [version, manifest] of Object.entries(packument.versions)) {
    versions[version] = write(manifest)
  }
  const document = { ...packument, versions }
  return rendering.form === 'corgi' ? toCorgi(document) : document
}

function without(packument: Packument, { versions: omitted, tags }: Omissions): Packument {
  const kept = <T>(map: Record<string, T>): Record<string, T> => {
    const rest: Record<string, T> = Object.create(null)
    for (const [version, value] of Object.entries(map)) {
      if (!omitted.has(version)) rest[version] = value
    }
    return rest
  }
  const { versions, time } = packument
  return { ...packument, 'versions': kept(versions), 'dist-tags': tags, ...(time && { time: kept(time) }) }
}

function withTarball(manifest: Manifest, { base, keep }: TarballUrls): Manifest {
  const { name, version, dist } = manifest
  const kept = keep !== undefined && dist.tarball.startsWith(`${keep}/`)
  return kept ? manifest : { ...manifest, dist: { ...dist, tarball: base.slice(0, -1) + tarballPath(name, version) } }
}

function withSignature(manifest: Manifest, ours: AddedSignatures | undefined): Manifest {
  const own = ours?.get(manifest.version)
  const { signatures = [] } = manifest.dist
  // What is no list cannot be added to, and is not ours to replace.
  if (!own || !Array.isArray(signatures)) return manifest
  const added: unknown[] = [...signatures, { keyid: own.keyid, sig: own.signature }]
  return { ...manifest, dist: { ...manifest.dist, signatures: added } }
}
