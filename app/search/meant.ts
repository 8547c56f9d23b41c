/** Longer addresses are of machines. */
const LONGEST = 200
/** As pages of packages elsewhere are addressed: `/package/@scope/name/v/1.0.0`, `/name@1.0.0`, `/name`. */
const PACKAGE = /^\/(?:registry\/)?(?:package\/)?((?:@[\w.~-]+\/)?[\w.~-]+)(?:(?:\/v\/|@)([\w.+-]+))?\/?$/

/**
 * What somebody who typed an address without a page may have looked for, as a text to search for. The page of errors is part of
 * the first thing the server loads, which nothing of `shared/` can be.
 */
export function meantBy(path: string): string | undefined {
  if (path.length > LONGEST) return undefined
  const [, name, version] = PACKAGE.exec(decoded(path)) ?? []
  return name === undefined || version === undefined ? name : `${name}@${version}`
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // Percent signs that encode nothing.
    return path
  }
}
