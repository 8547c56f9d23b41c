import { VERIFICATION_COLORS, VERIFICATION_STATES, type VerificationState } from '../../shared/verification/index.ts'
import { textWidth } from './width.ts'

interface Picture {
  /** What it is about: a package, with its version if it is one. */
  subject: string
  state: VerificationState
  /** Instead of the state's own text. */
  text?: string
  /** All that is said of it, for screen readers and pointers. */
  title: string
}

const HEIGHT = 20
const SIZE = 11
const PADDING = 7
const ICON = 12
const GAP = 5
/** Longer names lose their middle. */
const LONGEST = 48

const LIGHT = { paper: '#fcfcfa', rule: '#c9c9c3', ink: '#1a1b19' }
const DARK = { paper: '#141513', rule: '#4a4b47', ink: '#f2f2ee' }

/** A badge as SVG: ink on paper, in light and dark, with no script, no font and no address in it. */
export function drawBadge({ subject, state, text, title }: Picture): string {
  const { color, english, icon } = VERIFICATION_STATES[state]
  const left = shortened(subject)
  const right = text ?? english
  const leftWidth = textWidth(left, SIZE)
  const rightWidth = textWidth(right, SIZE)
  const rule = tenth(PADDING + leftWidth + PADDING)
  const start = rule + PADDING
  const width = tenth(start + ICON + GAP + rightWidth + PADDING)
  const { light, dark } = VERIFICATION_COLORS[color]
  const label = escaped(title)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${label}">`
    + `<title>${label}</title>`
    + `<style>${styleOf(LIGHT, light)}@media(prefers-color-scheme:dark){${styleOf(DARK, dark)}}</style>`
    + `<rect x=".5" y=".5" width="${tenth(width - 1)}" height="${HEIGHT - 1}" rx="2"/>`
    + `<path d="M${rule} .5v${HEIGHT - 1}"/>`
    + `<g font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="${SIZE}">`
    + `<text x="${PADDING}" y="14" textLength="${leftWidth}" lengthAdjust="spacingAndGlyphs">${escaped(left)}</text>`
    + `<text x="${tenth(start + ICON + GAP)}" y="14" textLength="${rightWidth}" lengthAdjust="spacingAndGlyphs" class="s">${escaped(right)}</text></g>`
    + `<path class="i" transform="translate(${tenth(start)} 4) scale(.75)" d="${icon}"/></svg>\n`
}

function styleOf({ paper, rule, ink }: typeof LIGHT, color: string): string {
  return `rect{fill:${paper}}rect,path{stroke:${rule}}text{fill:${ink}}.s{fill:${color}}`
    + `.i{fill:none;stroke:${color};stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}`
}

function shortened(text: string): string {
  if (text.length <= LONGEST) return text
  const end = Math.floor((LONGEST - 1) / 2)
  return `${text.slice(0, LONGEST - 1 - end)}…${text.slice(-end)}`
}

function tenth(number: number): number {
  return Math.round(number * 10) / 10
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' }

/** For texts and attributes of XML, which allows no control characters in any spelling. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => ENTITIES[character]!).replace(/\p{Cc}/gu, '�')
}
