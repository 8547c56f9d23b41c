import { expect, it } from 'vitest'
import type { BelievedLog } from '../../../app/verification/log.ts'
import { checkShownVersion } from '../../../app/verification/shown-version.ts'
import { createTestLog, type TestLog } from '../sumdb-client/fixture.ts'

function opened(log: TestLog, more: Partial<BelievedLog> = {}) {
  return async () => ({ client: log.client(), ...more }) as BelievedLog
}

async function recorded(log: TestLog) {
  const { index, record } = await log.client().lookup('fx', '1.0.1')
  return { name: 'fx', version: '1.0.1', index, integrity: record.integrity }
}

it('proves that a version is in the log and is what was shown', async () => {
  const log = createTestLog(5)
  const shown = await recorded(log)
  expect(await checkShownVersion(opened(log), shown)).toEqual({ outcome: 'verified', index: shown.index, size: 5 })
  expect(await checkShownVersion(opened(log), { name: 'fx', version: '1.0.1' })).toMatchObject({ outcome: 'verified' })
})

it('says what the log says, where something else was shown', async () => {
  const log = createTestLog(5)
  const shown = await recorded(log)
  const { index, integrity } = shown
  expect(await checkShownVersion(opened(log), { ...shown, integrity: 'sha512-other' })).toEqual({ outcome: 'differs', index, integrity })
  expect(await checkShownVersion(opened(log), { ...shown, index: index + 1 })).toMatchObject({ outcome: 'differs' })
})

it('tells lies from silence', async () => {
  const log = createTestLog(5)
  const shown = await recorded(log)
  log.tamper(async (path, honest) => path.startsWith('lookup/')
    ? new TextDecoder().decode(await honest()).replace(/^integrity sha512-.{4}/m, 'integrity sha512-AAAA')
    : honest())
  expect(await checkShownVersion(opened(log), shown)).toMatchObject({ outcome: 'contradiction', sentence: expect.stringMatching(/\w+/) })
  log.tamper(async () => 503)
  expect(await checkShownVersion(opened(log), shown)).toMatchObject({ outcome: 'unavailable' })
  expect(await checkShownVersion(async () => Promise.reject(new Error('no network')), shown))
    .toEqual({ outcome: 'unavailable', sentence: 'no network' })
  expect(await checkShownVersion(opened(log, { otherKey: 'key' }), shown)).toEqual({ outcome: 'otherLog' })
})
