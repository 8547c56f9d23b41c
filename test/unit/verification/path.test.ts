import { describe, expect, it } from 'vitest'
import { drawPath, neighbourOf } from '../../../app/verification/drawing.ts'
import { firstDifference, foldPath, merklePath } from '../../../app/verification/path.ts'
import { leafHash, proveInclusion, rootOf } from '../../../shared/tlog/index.ts'

const leaves = Array.from({ length: 40 }, (_, n) => leafHash(Uint8Array.of(n)))

describe('the way from a leaf', () => {
  it('leads to the root of every small tree', async () => {
    for (let size = 1; size <= leaves.length; size++) {
      for (let index = 0; index < size; index++) {
        const path = merklePath(index, size)
        const siblings = path.map(({ sibling: { from, to } }) => rootOf(leaves.slice(from, to)))
        expect(siblings).toHaveLength((await proveInclusion(index, size, async nodes => nodes.map(() => leaves[0]!))).length)
        const above = foldPath(leaves[index]!, path, siblings)
        expect(above.at(-1) ?? leaves[index]).toEqual(rootOf(leaves.slice(0, size)))
        for (const [n, { parent }] of path.entries()) expect(above[n]).toEqual(rootOf(leaves.slice(parent.from, parent.to)))
      }
    }
  })

  it('has a side and the leaves below for each neighbour', () => {
    expect(merklePath(4, 7)).toEqual([
      { node: { from: 4, to: 5 }, sibling: { from: 5, to: 6 }, side: 'right', parent: { from: 4, to: 6 } },
      { node: { from: 4, to: 6 }, sibling: { from: 6, to: 7 }, side: 'right', parent: { from: 4, to: 7 } },
      { node: { from: 4, to: 7 }, sibling: { from: 0, to: 4 }, side: 'left', parent: { from: 0, to: 7 } },
    ])
  })
})

it('two proofs differ where they differ first', () => {
  const [a, b, c] = leaves
  expect(firstDifference([a!, b!], [a!, b!])).toBeUndefined()
  expect(firstDifference([a!, b!, c!], [a!, c!, b!])).toBe(1)
  expect(firstDifference([a!], [a!, b!])).toBe(1)
  expect(firstDifference([a!], [])).toBe(0)
})

describe('the drawing', () => {
  it('has the root above, the leaf below and neighbours beside', () => {
    const { nodes, lines, width, height } = drawPath(4, 7)
    expect(nodes.map(({ id }) => id)).toEqual(['path-3', 'path-2', 'sibling-2', 'path-1', 'sibling-1', 'path-0', 'sibling-0'])
    expect(lines).toHaveLength(6)
    const at = (id: string) => nodes.find(node => node.id === id)!
    expect(at('path-3').y).toBeLessThan(at('path-0').y)
    expect(at('sibling-2').x).toBeLessThan(at('path-2').x)
    expect(at('sibling-0').x).toBeGreaterThan(at('path-0').x)
    for (const { x, y } of nodes) expect([x > 50 && x < width - 50, y > 0 && y < height]).toEqual([true, true])
  })

  it('of one leaf is one node', () => {
    expect(drawPath(0, 1)).toMatchObject({ nodes: [{ id: 'path-0', leaves: { from: 0, to: 1 } }], lines: [] })
  })

  it('is walked by keys', () => {
    const drawing = drawPath(4, 7)
    const walk = (id: string, ...keys: string[]) => keys.reduce((from, key) => neighbourOf(from, key, drawing) ?? `${from}!`, id)
    expect(walk('path-0', 'ArrowUp', 'ArrowUp', 'ArrowUp')).toBe('path-3')
    expect(walk('path-3', 'ArrowUp')).toBe('path-3!')
    expect(walk('path-0', 'ArrowDown')).toBe('path-0!')
    expect(walk('path-2', 'ArrowLeft')).toBe('sibling-2')
    expect(walk('path-2', 'ArrowRight')).toBe('path-2!')
    expect(walk('path-0', 'ArrowRight', 'ArrowUp', 'ArrowRight', 'ArrowLeft')).toBe('path-1')
    expect(walk('sibling-2', 'ArrowDown', 'Home', 'End')).toBe('path-0')
    expect(walk('path-1', 'Enter')).toBe('path-1!')
  })
})
