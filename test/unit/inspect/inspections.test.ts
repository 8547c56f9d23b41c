import { rm, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase, tables, type Database } from '../../../server/database/index.ts'
import { createFindings, createInspections, type Inspections, type Passing } from '../../../server/inspect/index.ts'
import type { Inspection } from '../../../server/inspect/types.ts'
import type { IncidentReport } from '../../../server/incidents/index.ts'
import { until } from '../../integration/ask.ts'
import { sha512, upstream } from '../verify/bench.ts'

const HIDDEN: Inspection = {
  state: 'inspected',
  findings: [{ field: 'dependencies.evil', severity: 'high', registry: '', tarball: '1' }, { field: 'os', severity: 'info', registry: '', tarball: '["linux"]' }],
}
const NOTED: Inspection = { state: 'inspected', findings: [{ field: 'os', severity: 'info', registry: '', tarball: '["linux"]' }] }
const CLEAN: Inspection = { state: 'inspected', findings: [] }

let dir: string
let database: Database
/** What is found in contents, by their digest; a promise keeps the inspector busy. */
const inside = new Map<string, Inspection | Promise<Inspection>>()
const inspected: string[] = []
const incidents: IncidentReport[] = []
const forgotten: string[] = []
const trouble: string[] = []

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'registry-inspections-'))
  database = await openDatabase(`file:${join(dir, 'db')}`)
  inside.clear()
  for (const list of [inspected, incidents, forgotten, trouble]) list.length = 0
})
afterEach(async () => {
  await database.close()
  await rm(dir, { recursive: true })
})

function create(policy: 'warn' | 'deny', registry: string[] = ['1.0.0', '2.0.0']): Inspections {
  return createInspections({
    findings: createFindings(database), policy,
    inspector: {
      async inspect({ integrity }) {
        inspected.push(integrity)
        const found = await inside.get(integrity)
        if (!found) throw new Error('the disk failed')
        return found
      },
      close: async () => {},
    },
    incidents: {
      async report(reports) {
        incidents.push(...reports)
        return new Set(reports.map(({ cause }) => cause))
      },
    },
    store: { locate: async integrity => inside.has(integrity) ? { path: `/${integrity}`, integrity } : undefined },
    packuments: {
      manifest: async (_, __, version) => registry.includes(version) ? Buffer.from('{}') : undefined,
      forget: name => forgotten.push(name),
    },
    trouble: (_, error) => trouble.push((error as Error).message),
  })
}

function passing(content: string, { version = '1.0.0', isPrivate = false } = {}): Passing {
  return { subject: { name: 'x', version }, integrity: sha512(content), upstream: upstream(), isPrivate }
}

describe('bytes that pass', () => {
  it('are looked into once, also by another process', async () => {
    inside.set(sha512('good'), CLEAN)
    const inspections = create('warn')
    expect(inspections.isAwaited).toBe(false)
    for (let n = 0; n < 3; n++) inspections.passed(passing('good'))
    await until('it is looked into', () => inspections.stats().waiting === 0)
    inspections.passed(passing('good'))
    create('warn').passed(passing('good'))
    expect(await create('deny').verdict(passing('good'))).toBeUndefined()
    expect(inspected).toEqual([sha512('good')])
    expect(incidents).toEqual([])
    // Other bytes are something else.
    inside.set(sha512('other'), CLEAN)
    expect(await inspections.verdict(passing('other'))).toBeUndefined()
    expect(inspected).toHaveLength(2)
  })

  it('are an incident when something is hidden in them, with what it is', async () => {
    inside.set(sha512('evil'), HIDDEN)
    const inspections = create('warn')
    inspections.passed(passing('evil', { isPrivate: true }))
    await until('it is looked into', () => inspections.stats().waiting === 0)
    expect(incidents).toMatchObject([{
      kind: 'manifest-mismatch', subject: 'pkg:npm/x@1.0.0', source: 'npm', isPrivate: true,
      cause: `manifest-mismatch pkg:npm/x@1.0.0 ${sha512('evil')} tarball`,
      sentence: 'The package.json in the tarball of x@1.0.0 differs from what its registry says: dependencies.evil (not in the registry; tarball: 1).',
      evidence: { claimed: { sha512: sha512('evil') }, details: { findings: [{ field: 'dependencies.evil' }, { field: 'os' }] } },
    }])
    // Nobody is refused, and nothing judged anew.
    expect(await inspections.verdict(passing('evil'))).toBeUndefined()
    expect(forgotten).toEqual([])
  })

  it('are no incident for a note', async () => {
    inside.set(sha512('a'), NOTED)
    expect(await create('deny').verdict(passing('a'))).toBeUndefined()
    expect(incidents).toEqual([])
    expect(await database.orm.select().from(tables.inspections).all()).toMatchObject([{ subject: 'pkg:npm/x@1.0.0', integrity: sha512('a') }])
  })

  it('wait in a queue that has an end', async () => {
    const { promise, resolve } = Promise.withResolvers<Inspection>()
    const inspections = create('warn', Array.from({ length: 1_200 }, (_, n) => `${n}.0.0`))
    inside.set(sha512('slow'), promise)
    for (let n = 0; n < 1_100; n++) inspections.passed(passing('slow', { version: `${n}.0.0` }))
    expect(inspections.stats()).toEqual({ waiting: 1_000, dropped: 100 })
    await expect(inspections.verdict(passing('slow', { version: '1100.0.0' }))).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', status: 503, retryAfter: 5 })
    resolve(CLEAN)
    await until('all are looked into', () => inspections.stats().waiting === 0)
    inspections.passed(passing('slow', { version: '1050.0.0' }))
    expect(inspections.stats().waiting).toBe(1)
    await until('that one too', () => inspections.stats().waiting === 0)
    expect(trouble).toEqual([])
  })

  it('that cannot be looked into now are trouble, and looked into the next time', async () => {
    const inspections = create('warn')
    inspections.passed(passing('gone'))
    await until('it is given up', () => inspections.stats().waiting === 0)
    expect(trouble).toEqual([expect.stringContaining('x@1.0.0')])
    inside.set(sha512('gone'), CLEAN)
    expect(await inspections.verdict(passing('gone'))).toBeUndefined()
  })
})

describe('a verdict', () => {
  it('refuses what hides something, and has the package judged anew', async () => {
    inside.set(sha512('evil'), HIDDEN)
    const inspections = create('deny')
    expect(inspections.isAwaited).toBe(true)
    const all = await Promise.all([1, 2, 3].map(() => inspections.verdict(passing('evil'))))
    expect(all[0]).toMatchObject({ code: 'MANIFEST_MISMATCH', status: 403 })
    expect(all[0]!.message).toMatch(/^x@1\.0\.0 is withheld\. .*dependencies\.evil/)
    expect(all[2]).toBe(all[0])
    expect(await inspections.verdict(passing('evil'))).toBe(all[0])
    expect(inspected).toHaveLength(1)
    expect(forgotten).toEqual(['x'])
    // A server that starts later finds it written down.
    expect(await create('deny').verdict(passing('evil'))).toMatchObject({ code: 'MANIFEST_MISMATCH' })
    expect(inspected).toHaveLength(1)
  })

  it('that cannot be reached is no verdict, and no finding', async () => {
    const inspections = create('deny')
    const untold = { code: 'UPSTREAM_UNAVAILABLE', status: 503 }
    await expect(inspections.verdict(passing('nowhere'))).rejects.toMatchObject(untold)
    inside.set(sha512('a'), { state: 'gone' })
    await expect(inspections.verdict(passing('a'))).rejects.toMatchObject(untold)
    await expect(inspections.verdict(passing('a', { version: '9.0.0' }))).rejects.toMatchObject(untold)
    inside.set(sha512('b'), Promise.reject(new Error('the disk failed')))
    await expect(inspections.verdict(passing('b'))).rejects.toMatchObject(untold)
    expect(trouble).toEqual(['the disk failed'])
    expect(await database.orm.select().from(tables.inspections).all()).toEqual([])
    inside.set(sha512('a'), CLEAN)
    expect(await inspections.verdict(passing('a'))).toBeUndefined()
  })
})
