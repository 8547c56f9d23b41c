import { describe, expect, it } from 'vitest'
import { kindOf } from '../../../app/verification/dropped.ts'
import { leaveOut, leftOut, patternsIn } from '../../../app/verification/left-out.ts'
import { createMemory } from '../../../app/verification/memory.ts'
import { signersOf } from '../../../app/verification/signers.ts'
import { verdictsAsCsv, verdictsAsJson } from '../../../app/verification/verdict-files.ts'
import type { Verdict } from '../../../shared/lockfile-check/index.ts'
import { appendSignatures } from '../../../shared/tlog/index.ts'
import { createTestLog } from '../sumdb-client/fixture.ts'

const VERDICT: Verdict = {
  name: '@acme/x', version: '1.0.0', at: 'node_modules/@acme/x', state: 'mismatch', reason: 'the log recorded another digest',
  locked: 'sha512-AAAA', recorded: { index: 3, integrity: 'sha512-BBBB', evidence: 'signed', time: '2026-01-01T00:00:00.000Z' },
}

describe('a file', () => {
  it.each([
    ['c2sp.org/tlog-proof@v1\nindex 1\n', 'proof'],
    ['{"bytes":null,"digest":"x","format":"npmx-incident@v1"}\n', 'bundle'],
    ['{ "format" : "npmx-incident@v2" }', 'bundle'],
    ['version pkg:npm/x@1.0.0\nintegrity sha512-x\n', 'record'],
    ['keys npm.example\n', 'record'],
    ['{"lockfileVersion":3}', 'lockfile'],
    ['version 1\n', 'lockfile'],
    ['lockfileVersion: \'9.0\'\n', 'lockfile'],
    ['', 'lockfile'],
  ])('that begins with %j is a %s', (text, kind) => {
    expect(kindOf(text)).toBe(kind)
  })
})

describe('results', () => {
  it('are the command line\'s JSON', () => {
    expect(JSON.parse(verdictsAsJson({ name: 'yarn.lock', kind: 'yarn-classic', log: { vkey: 'k' }, packages: [VERDICT] }))).toEqual({
      lockfile: 'yarn.lock', kind: 'yarn-classic', log: { vkey: 'k' }, packages: [VERDICT],
      counts: { verified: 0, mismatch: 1, missing: 0, unproven: 0, unavailable: 0, weaker: 0, skipped: 0 },
    })
  })

  it('are CSV that no spreadsheet runs', () => {
    const hostile: Verdict = { name: '=cmd()', version: '@SUM(1)', at: 'a"b', state: 'skipped', reason: '-1+1' }
    expect(verdictsAsCsv([VERDICT, hostile]).split('\r\n')).toEqual([
      '"name","version","state","locked","recorded","index","time","evidence","at","reason"',
      '"@acme/x","1.0.0","mismatch","sha512-AAAA","sha512-BBBB","3","2026-01-01T00:00:00.000Z","signed","node_modules/@acme/x","the log recorded another digest"',
      '"\'=cmd()","\'@SUM(1)","skipped","","","","","","a""b","\'-1+1"',
      '',
    ])
  })
})

describe('what is left out', () => {
  it('is remembered as it was written', () => {
    const memory = createMemory()
    expect(leftOut(memory)).toBe('')
    leaveOut(memory, ' @acme/*, secret\n x ')
    expect(patternsIn(leftOut(memory))).toEqual(['@acme/*', 'secret', 'x'])
    leaveOut(memory, 'x '.repeat(100_000))
    expect(patternsIn(leftOut(memory)).length).toBe(200)
  })
})

describe('signers', () => {
  it('are told apart by name and key', async () => {
    const log = createTestLog(3)
    const { vkey } = log.sumdb.log
    const note = appendSignatures(Buffer.from(await log.read('checkpoint')).toString(), `— witness.example ${Buffer.alloc(76, 1).toString('base64')}\n`)
    expect(signersOf(note, vkey)).toEqual([
      expect.objectContaining({ isLog: true, bytes: 64 }),
      { name: 'witness.example', key: '01010101', bytes: 72, isLog: false },
    ])
    expect(signersOf('no note', vkey)).toBeUndefined()
  })
})
