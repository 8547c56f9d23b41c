/** Width and height of the plot in its own units; it is stretched to the room there is. */
export const PLOT = { width: 600, height: 100 } as const

/**
 * The path of a line, oldest first. Nothing is drawn where nothing was measured: a value without neighbours is a dot, made by a
 * line without length.
 * @param most the value at the upper edge
 */
export function linePath(values: readonly (number | null)[], most: number): string {
  const step = PLOT.width / Math.max(1, values.length - 1)
  let isDrawing = false
  const parts: string[] = []
  for (const [n, value] of values.entries()) {
    if (value === null) {
      isDrawing = false
      continue
    }
    const point = `${round(n * step)} ${round(PLOT.height - Math.min(1, Math.max(0, value / most)) * PLOT.height)}`
    const isAlone = !isDrawing && (values[n + 1] ?? null) === null
    parts.push(isDrawing ? `L${point}` : isAlone ? `M${point}h0` : `M${point}`)
    isDrawing = true
  }
  return parts.join('')
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below any value: where a scale may end. */
export function scaleOf(values: readonly (number | null)[]): number {
  const most = values.reduce<number>((largest, value) => Math.max(largest, value ?? 0), 0)
  if (most <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  return [1, 2, 5].map(times => times * power).find(end => end >= most) ?? 10 * power
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
