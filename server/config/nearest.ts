/** The known key that a mistyped one probably means: the one with the fewest edits, if those are few for its length. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map(candidate => ({ candidate, edits: edits(key.toLowerCase().slice(0, 64), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits)
  return best !== undefined && best.edits <= Math.max(2, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]!
}
