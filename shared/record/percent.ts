/** Names and versions mostly have nothing else: they are as they are, and every append writes some. */
const UNRESERVED = /^[\w.~:-]*$/

/**
 * Percent-encodes one component of a package URL.
 * @param text well-formed Unicode
 */
export function percentEncode(text: string): string {
  // SPEC: ECMA-427 Character encoding: "The following characters shall not be percent-encoded: the Alphanumeric Characters, the
  // Punctuation Characters […], the colon ':', whether used as a Separator Character or otherwise"
  if (UNRESERVED.test(text)) return text
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':')
}

/** The text of a percent-encoded component, whatever else it leaves unencoded; undefined if it is not UTF-8. */
export function percentDecode(component: string): string | undefined {
  try {
    return decodeURIComponent(component)
  } catch {
    return undefined
  }
}
