/** A version as registries have them: three numbers, and what may follow them. */
export const isVersion = (text: string) => /^\d+\.\d+\.\d+[\w.+-]*$/.test(text)

/** `@scope/name@rest` and `name@rest` at the `@` that ends the name; without one the rest is empty. */
export function splitSpec(spec: string): { name: string, rest: string } {
  const at = spec.indexOf('@', 1)
  return at === -1 ? { name: spec, rest: '' } : { name: spec.slice(0, at), rest: spec.slice(at + 1) }
}

/** What a place that is no registry is, in words; undefined for everything that may be one. */
export function describePlace(place: string): string | undefined {
  if (/^(?:git(?:\+[a-z]+)?|github|gitlab|bitbucket|gist):/i.test(place)) return 'from a git repository'
  if (/^(?:link|portal|workspace):/i.test(place)) return 'a folder'
  if (/^file:/i.test(place)) return /\.(?:tgz|tar|tar\.gz)(?:$|[#:?])/i.test(place) ? 'a local tarball' : 'a folder'
}
