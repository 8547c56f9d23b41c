import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64 } from '../../../shared/tlog/base64.ts'
import {
  encodeGoDataTile, formatGoLookup, formatGoTree, goDataPath, goTilePath, isGoRecordText, parseGoDataPath, parseGoLookup,
  parseGoTilePath, parseGoTree,
} from '../../../shared/tlog/go.ts'
import { openNote, signNote } from '../../../shared/tlog/note.ts'
import { createVerifier } from '../../../shared/tlog/vkey.ts'
import vectors from '../../vectors/tlog.json' with { type: 'json' }
import { codeOf, hostileText, nodeVerify, signerOf } from './keys.ts'

const { roots, tilePaths } = vectors
const ROOT = roots[1]!.root
const root = decodeBase64(ROOT)
const log = signerOf('go.sum.example', new Uint8Array(32).fill(2))
const verifier = createVerifier(log.vkey, nodeVerify)
const record = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 4 })
  .map(lines => `${lines.join('\n')}\n`).filter(isGoRecordText)

describe('a Go tree', () => {
  it('has three lines, whatever the log is called', () => {
    expect(formatGoTree(70_000, root)).toBe(`go.sum database tree\n70000\n${ROOT}\n`)
  })

  it('is read as it was written', () => {
    fc.assert(fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, root) => {
      expect(parseGoTree(formatGoTree(size, root))).toEqual({ size, root })
    }))
  })

  it.each(['x\n', '\n', 'x', '\n\ny\n'])('may go on with %j', (more) => {
    expect(parseGoTree(formatGoTree(1, root) + more)).toEqual({ size: 1, root })
  })

  it.each([
    ['another first line', `go.sum database tree v2\n1\n${ROOT}\n`],
    ['two lines', 'go.sum database tree\n1\n'],
    ['no third newline', `go.sum database tree\n1\n${ROOT}`],
    ['a leading zero', `go.sum database tree\n01\n${ROOT}\n`],
    ['a sign', `go.sum database tree\n+1\n${ROOT}\n`],
    ['a size of 2^53', `go.sum database tree\n9007199254740992\n${ROOT}\n`],
    ['a short root', 'go.sum database tree\n1\nAAAA\n'],
    ['a root without padding', `go.sum database tree\n1\n${ROOT.slice(0, -1)}\n`],
    ['more than a million bytes', formatGoTree(1, root) + 'x'.repeat(1_000_000)],
    ['more than a million bytes in UTF-8', formatGoTree(1, root) + 'é'.repeat(500_000)],
  ])('is refused: %s', (_, text) => {
    expect(codeOf(() => parseGoTree(text))).toBe('MALFORMED')
  })

  it('takes a million bytes', () => {
    const tree = formatGoTree(1, root)
    expect(parseGoTree(tree + 'x'.repeat(1_000_000 - tree.length)).size).toBe(1)
  })

  it('is not written with an impossible size or root', () => {
    expect(codeOf(() => formatGoTree(-1, root))).toBe('MALFORMED')
    expect(codeOf(() => formatGoTree(1, new Uint8Array(31)))).toBe('MALFORMED')
  })
})

describe('record text', () => {
  it.each(['a\n', 'a\nb\n', ' \n', 'é—日\n', '\u007F\u0085\n', '\uFEFFa\n'])('%j is some', (text) => {
    expect(isGoRecordText(text)).toBe(true)
  })
  it.each(['', '\n', 'a', '\na\n', 'a\n\n', 'a\n\nb\n', 'a\tb\n', 'a\r\n', 'a\u0000\n', '\uD800\n', '\uDC00\uD800\n'])('%j is none', (text) => {
    expect(isGoRecordText(text)).toBe(false)
  })
})

describe('a lookup', () => {
  const note = signNote(formatGoTree(1, root), [log])

  it('is index, record, empty line and note', () => {
    expect(formatGoLookup({ index: 0, record: 'a\nb\n', note })).toBe(`0\na\nb\n\n${note}`)
  })

  it('is read as it was written, and its note opens', () => {
    fc.assert(fc.property(fc.maxSafeNat(), record, (index, record) => {
      const lookup = parseGoLookup(formatGoLookup({ index, record, note }))
      expect(lookup).toEqual({ index, record, note })
      expect(parseGoTree(openNote(lookup.note, [verifier]).text)).toEqual({ size: 1, root })
    }))
  })

  it.each([
    ['nothing', ''],
    ['no record', `0\n\n${note}`],
    ['no index', `a\n\n${note}`],
    ['an index with a leading zero', `00\na\n\n${note}`],
    ['a negative index', `-1\na\n\n${note}`],
    ['an index of 2^53', `9007199254740992\na\n\n${note}`],
    ['a tab in the record', `0\na\tb\n\n${note}`],
    ['no empty line', '0\na\n'],
    ['an empty line first', `\n\n0\na\n\n${note}`],
  ])('is refused: %s', (_, text) => {
    expect(codeOf(() => parseGoLookup(text))).toBe('MALFORMED')
  })

  it('is not written for what is no record', () => {
    expect(codeOf(() => formatGoLookup({ index: 0, record: 'a\n\nb\n', note }))).toBe('MALFORMED')
    expect(codeOf(() => formatGoLookup({ index: 0.5, record: 'a\n', note }))).toBe('MALFORMED')
  })

  it('of hostile text ends with a TlogError', () => {
    fc.assert(fc.property(hostileText, (text) => {
      codeOf(() => parseGoLookup(text))
      codeOf(() => parseGoLookup(`0\n${text}`))
      codeOf(() => parseGoTree(text))
      codeOf(() => parseGoTree(`go.sum database tree\n${text}`))
    }), { numRuns: 500 })
  })
})

describe('paths', () => {
  it.each(tilePaths)('of tile $index', ({ index, path }) => {
    expect(goTilePath({ level: 0, index, width: 256 })).toBe(`tile/8/0/${path}`)
    expect(goDataPath(index, 256)).toBe(`tile/8/data/${path}`)
    expect(parseGoTilePath(`tile/8/2/${path}.p/8`)).toEqual({ level: 2, index, width: 8 })
    expect(parseGoDataPath(`tile/8/data/${path}.p/8`)).toEqual({ index, width: 8 })
  })

  it('lead back', () => {
    fc.assert(fc.property(fc.nat(63), fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
      expect(parseGoTilePath(goTilePath({ level, index, width }))).toEqual({ level, index, width })
      expect(parseGoDataPath(goDataPath(index, width))).toEqual({ index, width })
    }))
  })

  it.each([
    '', 'tile/8', 'tile/8/', 'tile/8/0/', 'tile/8/0/00', 'tile/8/0/0000', 'tile/8/0/000.p/256', 'tile/8/0/000.p/0', 'tile/8/0/000.p/08',
    'tile/8/0/x000/001', 'tile/0/000', 'tile/7/0/000', 'tile/08/0/000', 'tile/8/00/000', 'tile/8/64/000', 'tile/8/-1/000', 'tile/8/entries/000',
    'tile/8/tile/0/000', 'tile/8/data/', 'tile/8/data/0', 'tile/8/data/000.p/256', 'tile/entries/000', '/tile/8/0/000', 'tile/8/0/000\n',
  ])('%j is none', (path) => {
    expect(parseGoTilePath(path)).toBeUndefined()
    expect(parseGoDataPath(path)).toBeUndefined()
  })

  it('of tiles and of data are not taken for each other', () => {
    expect(parseGoTilePath('tile/8/data/000')).toBeUndefined()
    expect(parseGoDataPath('tile/8/0/000')).toBeUndefined()
  })

  it('have one spelling', () => {
    fc.assert(fc.property(hostileText, (text) => {
      const tile = parseGoTilePath(`tile/8/${text}`)
      if (tile) expect(goTilePath(tile)).toBe(`tile/8/${text}`)
      const data = parseGoDataPath(`tile/8/data/${text}`)
      if (data) expect(goDataPath(data.index, data.width)).toBe(`tile/8/data/${text}`)
    }), { numRuns: 500 })
  })
})

describe('a data tile', () => {
  it('is the records with an empty line after each', () => {
    expect(new TextDecoder().decode(encodeGoDataTile(['a\nb\n', 'é\n']))).toBe('a\nb\n\né\n\n')
    expect(encodeGoDataTile([])).toHaveLength(0)
  })

  it('can be split again', () => {
    fc.assert(fc.property(fc.array(record, { minLength: 1 }), (records) => {
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(encodeGoDataTile(records))
      expect(text.split('\n\n').slice(0, -1).map(one => `${one}\n`)).toEqual(records)
    }))
  })

  it('holds no text that is no record', () => {
    expect(codeOf(() => encodeGoDataTile(['a\n', 'b']))).toBe('MALFORMED')
  })
})
