/** SPEC: RFC 9110 13.1.2: if-none-match uses the weak comparison, `*` matches whatever there is. */
export function matchesEtag(header: string, etag: string): boolean {
  return header === etag || header.split(',').some((tag) => {
    const trimmed = tag.trim()
    return trimmed === '*' || (trimmed.startsWith('W/') ? trimmed.slice(2) : trimmed) === etag
  })
}
