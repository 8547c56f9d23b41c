import type { LeafRange } from '../../shared/tlog/proof-nodes.ts'
import { merklePath } from './path.ts'

/** A node of the drawing. Level 0 is the leaf. */
export interface DrawnNode {
  /** `path-3`, `sibling-3`. */
  id: string
  /** On the way from the leaf to the root, or a neighbour whose hash the proof gives. */
  role: 'path' | 'sibling'
  level: number
  /** Of a neighbour: where it stands. */
  side?: 'left' | 'right'
  leaves: LeafRange
  /** Its middle. */
  x: number
  y: number
}

export interface Drawing {
  width: number
  height: number
  /** From the root down: the node on the way, then its neighbour. */
  nodes: DrawnNode[]
  /** From a node up to the one above it. */
  lines: { id: string, x1: number, y1: number, x2: number, y2: number }[]
}

export const NODE_WIDTH = 104
export const NODE_HEIGHT = 36
const WIDTH = 340
const ROW = 64
const MIDDLE = WIDTH / 2
/** From the way to a neighbour. */
const APART = 116

/** Where everything stands: the root above, the leaf below, the way straight between them, neighbours on their own side. */
export function drawPath(index: number, size: number): Drawing {
  const path = merklePath(index, size)
  const yOf = (level: number) => (path.length - level) * ROW + NODE_HEIGHT / 2 + 2
  const root: LeafRange = path.at(-1)?.parent ?? { from: index, to: index + 1 }
  const nodes: DrawnNode[] = [{ id: `path-${path.length}`, role: 'path', level: path.length, leaves: root, x: MIDDLE, y: yOf(path.length) }]
  const lines: Drawing['lines'] = []
  for (const [level, { node, sibling, side }] of [...path.entries()].reverse()) {
    const x = side === 'left' ? MIDDLE - APART : MIDDLE + APART
    nodes.push(
      { id: `path-${level}`, role: 'path', level, leaves: node, x: MIDDLE, y: yOf(level) },
      { id: `sibling-${level}`, role: 'sibling', level, side, leaves: sibling, x, y: yOf(level) },
    )
    for (const [id, from] of [[`path-${level}`, MIDDLE], [`sibling-${level}`, x]] as const) {
      lines.push({ id, x1: from, y1: yOf(level) - NODE_HEIGHT / 2, x2: MIDDLE, y2: yOf(level + 1) + NODE_HEIGHT / 2 })
    }
  }
  return { width: WIDTH, height: path.length * ROW + NODE_HEIGHT + 4, nodes, lines }
}

/** Where a key leads from a node; undefined: nowhere. */
export function neighbourOf(id: string, key: string, { nodes }: Drawing): string | undefined {
  const node = nodes.find(one => one.id === id)
  if (!node) return undefined
  const { role, level } = node
  const sibling = nodes.find(one => one.id === `sibling-${level}`)
  const target = {
    ArrowUp: `path-${level + 1}`,
    ArrowDown: `path-${level - 1}`,
    ArrowLeft: role === 'path' ? sibling?.side === 'left' && sibling.id : node.side === 'right' && `path-${level}`,
    ArrowRight: role === 'path' ? sibling?.side === 'right' && sibling.id : node.side === 'left' && `path-${level}`,
    Home: nodes[0]!.id,
    End: 'path-0',
  }[key]
  return nodes.find(one => one.id === target)?.id
}
