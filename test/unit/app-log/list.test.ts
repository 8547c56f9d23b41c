import { describe, expect, it } from 'vitest'
import { explainLines } from '../../../app/log/lines.ts'
import { createPages } from '../../../app/log/pages.ts'
import { cursorOf, entriesPath, filtersOf } from '../../../app/log/query.ts'
import { subjectOf } from '../../../app/log/subject.ts'
import { OVERSCAN, visibleRows } from '../../../app/log/window.ts'
import type { LogEntry, LogEntryPage } from '../../../shared/types/log.ts'

const SIZE = 5_000
const entryOf = (index: number): LogEntry =>
  ({ index, text: '', record: { kind: 'policy', digest: 'sha256-x', recorded: '2026-01-01T00:00:00.000Z' } })

function pageBelow(before: number, length = 50): LogEntryPage {
  const entries = Array.from({ length: Math.min(length, before) }, (_, n) => entryOf(before - 1 - n))
  const next = before - entries.length
  return { size: SIZE, entries, next: next > 0 ? next : null }
}

describe('pages', () => {
  it('hold no more of a long list than of a short one', () => {
    const pages = createPages(pageBelow(SIZE))
    while (pages.next !== null) {
      pages.append(pageBelow(pages.next))
      expect(pages.held).toBeLessThanOrEqual(12)
    }
    expect(pages.count).toBe(SIZE)
    expect(pages.entryAt(SIZE - 1)?.index).toBe(0)
    expect(pages.entryAt(0)).toBeUndefined()
    // The first is read again by a cursor, though the log has grown since.
    const [missing, ...others] = pages.missing({ from: 0, to: 30 })
    expect([missing, others]).toEqual([{ page: 0, before: SIZE }, []])
    pages.restore(0, pageBelow(SIZE).entries)
    expect([0, 49].map(row => pages.entryAt(row)?.index)).toEqual([SIZE - 1, SIZE - 50])
    expect(pages.missing({ from: 40, to: 120 }).map(({ page }) => page)).toEqual([1, 2])
    expect(pages.held).toBe(12)
  })

  it('may be short, or empty, and are followed by others', () => {
    const pages = createPages({ size: 100, entries: [entryOf(90)], next: 80 })
    pages.append({ size: 100, entries: [], next: 60 })
    pages.append({ size: 100, entries: [entryOf(50), entryOf(40)], next: null })
    expect([0, 1, 2, 3].map(row => pages.entryAt(row)?.index)).toEqual([90, 50, 40, undefined])
    expect([pages.count, pages.next, pages.missing({ from: 0, to: 3 })]).toEqual([3, null, []])
  })
})

it('only rows on the screen and a few around it are in the document', () => {
  const all = { height: 800, row: 40, count: 10_000 }
  expect(visibleRows({ top: 300, ...all })).toEqual({ from: 0, to: Math.ceil(500 / 40) + OVERSCAN })
  expect(visibleRows({ top: -40_000, ...all })).toEqual({ from: 1_000 - OVERSCAN, to: 1_020 + OVERSCAN })
  expect(visibleRows({ top: -400_000, ...all })).toEqual({ from: 10_000 - OVERSCAN, to: 10_000 })
  expect(visibleRows({ top: 5_000, ...all })).toEqual({ from: 0, to: 0 })
  expect(visibleRows({ top: 0, height: 800, row: 0, count: 7 })).toEqual({ from: 0, to: 7 })
})

it('an address has filters and a cursor, and nothing else counts', () => {
  expect(filtersOf({ kind: 'version', evidence: '', q: ' left ', package: ['a', 'b'], other: 'x', before: '5' })).toEqual({ kind: 'version', q: 'left' })
  expect([cursorOf({ before: '5' }), cursorOf({ before: '' }), cursorOf({ before: ['1', '2'] })]).toEqual(['5', undefined, undefined])
  expect(entriesPath({ package: '@a/b' }, 7, { format: 'csv' })).toBe('/api/log/entries?package=%40a%2Fb&before=7&format=csv')
})

it('every line has a meaning', () => {
  const text = 'version pkg:npm/x@1.0.0\nintegrity sha512-x\nevidence claimed\nversion again\n__proto__ x\n'
  expect(explainLines(text).map(({ key, value, meaning }) => [key, value, meaning.split('.').at(-1)])).toEqual([
    ['version', 'pkg:npm/x@1.0.0', 'version'], ['integrity', 'sha512-x', 'integrity'], ['evidence', 'claimed', 'claimed'],
    ['version', 'again', 'unknown'], ['__proto__', 'x', 'unknown'],
  ])
})

it('a record is about a package, a version, or something with a name', () => {
  const recorded = '2026-01-01T00:00:00.000Z'
  expect(subjectOf({ kind: 'withdrawn', subject: { name: 'a', version: '1.0.0' }, recorded })).toMatchObject({ package: { name: 'a' }, version: '1.0.0' })
  expect(subjectOf({ kind: 'tags', subject: { name: 'a' }, tags: [], recorded })).toEqual({ package: { name: 'a' } })
  expect(subjectOf({ kind: 'head', origin: 'o', size: 1, root: 'r', recorded })).toEqual({ text: 'o' })
})
