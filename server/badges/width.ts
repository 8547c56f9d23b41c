/**
 * Advance widths of Verdana, by which such pictures have always been measured, in thousandths of the font's size: of the
 * characters from space to tilde. Where another font stands in, the picture says how wide the text has to be.
 */
const WIDTHS = [
  352, 394, 459, 818, 636, 1076, 727, 269, 454, 454, 636, 818, 364, 454, 364, 454,
  636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 454, 454, 818, 818, 818, 545,
  1000, 684, 686, 698, 771, 632, 575, 775, 751, 421, 455, 693, 557, 843, 748, 787,
  603, 787, 695, 684, 616, 732, 684, 989, 685, 615, 685, 454, 454, 454, 818, 636,
  636, 601, 623, 521, 623, 596, 352, 623, 633, 274, 344, 592, 274, 973, 633, 607,
  623, 623, 427, 521, 394, 633, 592, 818, 592, 592, 525, 635, 454, 635, 818,
]
/** Of what is not ASCII: our own ellipsis. */
const WIDEST = 1_000

/** @returns how wide a text is, in the unit of the size, rounded to a tenth */
export function textWidth(text: string, size: number): number {
  let sum = 0
  for (const character of text) sum += WIDTHS[character.codePointAt(0)! - 0x20] ?? WIDEST
  return Math.round(sum * size / 100) / 10
}
