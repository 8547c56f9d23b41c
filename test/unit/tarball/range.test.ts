import { describe, expect, test } from 'vitest'
import { parseRange, rangeApplies } from '../../../server/tarball/range.ts'

describe('parseRange', () => {
  test.each([
    [undefined, 100, 'none'],
    ['', 100, 'none'],
    ['bytes=0-0', 100, { start: 0, end: 0 }],
    ['bytes=0-99', 100, { start: 0, end: 99 }],
    ['bytes=10-', 100, { start: 10, end: 99 }],
    ['bytes=99-', 100, { start: 99, end: 99 }],
    ['bytes=0-1000', 100, { start: 0, end: 99 }],
    ['bytes=-1', 100, { start: 99, end: 99 }],
    ['bytes=-100', 100, { start: 0, end: 99 }],
    ['bytes=-1000', 100, { start: 0, end: 99 }],
    ['BYTES= 5-9 ', 100, { start: 5, end: 9 }],
    ['bytes=100-', 100, 'unsatisfiable'],
    ['bytes=100-200', 100, 'unsatisfiable'],
    ['bytes=-0', 100, 'unsatisfiable'],
    ['bytes=99999999999999999999999-', 100, 'unsatisfiable'],
    ['bytes=0-99999999999999999999999', 100, { start: 0, end: 99 }],
    ['bytes=9-5', 100, 'none'],
    ['bytes=-', 100, 'none'],
    ['bytes=a-b', 100, 'none'],
    ['bytes=1.5-3', 100, 'none'],
    ['bytes=--5', 100, 'none'],
    ['bytes=0x1-5', 100, 'none'],
    ['bytes 0-5', 100, 'none'],
    ['lines=0-5', 100, 'none'],
    ['bytes=0-1,5-6', 100, 'none'],
    ['bytes=0-0', 0, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-5', 0, 'none'],
  ])('%s of %i bytes', (header, size, expected) => {
    expect(parseRange(header, size)).toEqual(expected)
  })
})

describe('rangeApplies', () => {
  test.each([
    [undefined, '"a"', true],
    ['"a"', '"a"', true],
    [' "a" ', '"a"', true],
    ['"b"', '"a"', false],
    ['W/"a"', '"a"', false],
    ['W/"a"', 'W/"a"', false],
    ['*', '"a"', false],
    ['Wed, 21 Oct 2026 07:28:00 GMT', '"a"', false],
  ])('if-range %s against %s', (ifRange, etag, expected) => {
    expect(rangeApplies(ifRange, etag)).toBe(expected)
  })
})
