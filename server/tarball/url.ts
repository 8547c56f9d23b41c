/** `x-1.0.0.tgz` for `@s/x` and `x` alike: the scope is no part of a tarball's file name. */
export function tarballFileName(name: string, version: string): string {
  return `${name.slice(name.lastIndexOf('/') + 1)}-${version}.tgz`
}

/**
 * The conventional path of a tarball below a registry's URL: `/@s/x/-/x-1.0.0.tgz`.
 * Percent-encoded, except for the `@` of a scope and the `+` of a build, which registries write plainly.
 */
export function tarballPath(name: string, version: string): string {
  const segments = [...name.split('/'), '-', tarballFileName(name, version)]
  return segments.map(segment => `/${encodeSegment(segment)}`).join('')
}

/** The conventional URL of a tarball at a registry whose URL has a trailing slash, with or without a path. */
export function canonicalTarballUrl(registryUrl: string, name: string, version: string): string {
  // Joined as text: a name may not climb out of the registry's path the way a relative URL could.
  return new URL(registryUrl).href.replace(/\/$/, '') + tarballPath(name, version)
}

/**
 * The decoded file name that ends a tarball's URL or path, without query and hash.
 * `undefined` where there is none that is safe to use: not a `.tgz`, not decodable, or with a separator or control
 * character in it. Some registries' tarball URLs have no file name at all.
 */
export function fileNameOf(url: string): string | undefined {
  const path = url.replace(/[?#].*$/s, '')
  const segment = path.slice(path.lastIndexOf('/') + 1)
  let decoded
  try {
    decoded = decodeURIComponent(segment)
  } catch {
    // A malformed escape: there is no file name to speak of.
    return undefined
  }
  return /^[^/\\\p{Cc}]+\.tgz$/u.test(decoded) ? decoded : undefined
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(/^%40/, '@').replaceAll('%2B', '+')
}
