/** SQLite's base codes of the errors after which it is certain that nothing was written. */
function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** A constraint failed: the head was not where we believed, or an index is taken. Another process was faster. */
export function isContention(error: unknown): boolean {
  return codeOf(error)?.startsWith('SQLITE_CONSTRAINT') ?? false
}

/** Another process holds the database for longer than we wait. */
export function isBusy(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_BUSY'
}
