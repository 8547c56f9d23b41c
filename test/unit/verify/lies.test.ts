import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { eq } from 'drizzle-orm'
import { parseRecord } from '../../../shared/record/index.ts'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { openDatabase, tables, type Database } from '../../../server/database/index.ts'
import { createIncidents } from '../../../server/incidents/index.ts'
import { createQuarantine } from '../../../server/registry/index.ts'
import { IntegrityError, type Stored } from '../../../server/tarball/index.ts'
import { createConflicts, createLies, rememberLies } from '../../../server/verify/index.ts'
import { createPins } from '../../../server/verify/pins.ts'
import { claim, sha512, upstream } from './bench.ts'
import { createMemoryLog } from './memory-log.ts'

const npm = upstream().registry
const near: RegistryConfig = { ...upstream('near', 'near.example').registry, role: 'mirror', of: 'npm' }
const PURL = 'pkg:npm/x@1.0.0'

let database: Database
beforeEach(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lies-'))
  database = await openDatabase(`file:${join(dir, 'registry.db')}`)
  onTestFinished(async () => {
    await database.close()
    await rm(dir, { recursive: true, force: true })
  })
})

async function bench({ isPrivate = false } = {}) {
  const log = createMemoryLog()
  const quarantine = createQuarantine()
  const stored: { stored: Stored, data: Buffer }[] = []
  const trouble: string[] = []
  const draft = {
    kind: 'version', subject: { name: 'x', version: '1.0.0' }, integrity: sha512('right'), manifest: claim('').manifest, evidence: 'claimed',
  } as const
  if (isPrivate) await createPins(database, log.defaultNamespace).record([draft])
  else await log.record([draft])
  const lies = createLies({
    log, database, quarantine, routes: { isPrivate: () => isPrivate },
    conflicts: createConflicts({ log, incidents: createIncidents(database, () => {}) }),
    store: { put: async (content, one) => void stored.push({ stored: one, data: await buffer(content()!) }) },
    trouble: what => trouble.push(what),
  })
  const tell = (source: RegistryConfig, sent?: Buffer, size = sent?.length ?? 0) => {
    const got = `sha512-${createHash('sha512').update(sent ?? 'unkept').digest('base64')}`
    lies.bytes({ name: 'x', version: '1.0.0', authority: npm, source, sent, error: new IntegrityError('It sent others.', got, size) })
    return got
  }
  const incidents = () => database.orm.select().from(tables.incidents).all()
  return { log, quarantine, lies, tell, stored, trouble, incidents }
}

it('a lie is over for its source at once, and a conflict with the bytes as evidence soon after', async () => {
  const { log, quarantine, lies, tell, stored, trouble, incidents } = await bench()
  const sent = randomBytes(1000)
  const got = tell(near, sent)
  expect([quarantine.has('near', PURL), quarantine.has('npm', PURL), quarantine.has('near', 'pkg:npm/x@1.0.1')]).toEqual([true, false, false])
  await lies.settled()
  expect(parseRecord(log.texts[1]!)).toMatchObject({ kind: 'conflict', integrity: sha512('right'), other: got, source: 'near' })
  expect(stored).toEqual([{ stored: { size: 1000, integrity: got }, data: sent }])
  const [incident, ...more] = await incidents()
  expect(more).toEqual([])
  expect(incident).toMatchObject({ kind: 'conflict', subject: PURL, source: 'near', record: 1, isPrivate: false })
  expect(JSON.parse(incident!.evidence)).toMatchObject({
    recorded: { index: 0 }, claimed: { integrity: sha512('right'), sha512: got, size: 1000 }, asked: { source: 'near', registry: near.url },
  })
  expect(trouble).toEqual([])
})

it('the same lie again is no other conflict, another one is', async () => {
  const { lies, tell, incidents } = await bench()
  const sent = randomBytes(1000)
  for (const _ of [1, 2]) {
    tell(near, sent)
    await lies.settled()
  }
  tell(near, randomBytes(1000))
  tell(npm, sent)
  await lies.settled()
  expect(await incidents()).toHaveLength(3)
})

it('what is too large to be kept is a conflict all the same', async () => {
  const { lies, tell, stored, incidents } = await bench()
  tell(near, undefined, 1e8)
  await lies.settled()
  expect(stored).toEqual([])
  expect(await incidents()).toHaveLength(1)
})

it('a lie about a private name stays private', async () => {
  const { log, lies, tell, incidents } = await bench({ isPrivate: true })
  tell(near, randomBytes(10))
  await lies.settled()
  expect(log.texts).toEqual([])
  expect(await incidents()).toMatchObject([{ isPrivate: true, record: null, source: 'near' }])
})

it('that nothing can be written down is reported, and the source is out all the same', async () => {
  const { log, quarantine, lies, tell, trouble } = await bench()
  log.state = { state: 'read-only', reason: 'The disk is full.' } as typeof log.state
  tell(near, randomBytes(10))
  await lies.settled()
  expect(trouble).toEqual(['noting other bytes'])
  expect(quarantine.has('near', PURL)).toBe(true)
})

it('a new process remembers the lies that nobody acknowledged, and of an authority those that were sent', async () => {
  const { lies, tell } = await bench()
  tell(near, randomBytes(10))
  tell(npm, randomBytes(10))
  await lies.settled()
  const asked = { source: '', registry: '', at: '' }
  const claims = { kind: 'conflict', isPrivate: false, sentence: 'It claims another one.', evidence: { claimed: { sha512: sha512('other') }, asked } } as const
  await createIncidents(database, () => {}).report([
    { ...claims, cause: 'a', subject: 'pkg:npm/claimed@1.0.0', source: 'near' },
    { ...claims, cause: 'b', subject: 'pkg:npm/claimed@1.0.0', source: 'npm' },
    { ...claims, cause: 'c', kind: 'backdated', subject: 'pkg:npm/old@1.0.0', source: 'near' },
    { ...claims, cause: 'd', subject: 'pkg:npm/seen-to@1.0.0', source: 'near' },
  ])
  await database.orm.update(tables.incidents).set({ acknowledged: 1 }).where(eq(tables.incidents.cause, 'd'))
  const found: string[] = []
  await rememberLies(database, { add: (id, subject) => void found.push(`${id} ${subject}`) }, [npm, near])
  expect(found.toSorted()).toEqual(['near pkg:npm/claimed@1.0.0', `near ${PURL}`, `npm ${PURL}`])
})
