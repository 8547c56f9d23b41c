import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { goLookupPath, goModulePath, parseGoLookup } from '../../shared/record/index.ts'
import { buildVerifier, type Verifier } from './verifier.ts'

let verifier: Verifier

beforeAll(async () => {
  verifier = await buildVerifier()
})

afterAll(() => verifier?.remove())

/** Parts that Go's rules for paths know, and anything that npm ever allowed between them. */
const PARTS = [
  'v', 'V', '0', '1', '2', '10', '.', '..', '~', '~1', '-', '_', '!', '\'', '(', ')', '*', 'a', 'B', 'x', 'con', 'CON', 'prn', 'aux', 'nul',
  'com', 'Com', 'lpt', '9', 'npm', 'hex', 'gopkg', 'in', 'unstable', 'dev',
]
const part = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PARTS) }, fc.stringMatching(/^[\w.!~*'()-]$/)), { minLength: 1, maxLength: 5 })
  .map(parts => parts.join(''))
const name = fc.oneof(
  part.filter(text => !text.startsWith('.')),
  fc.tuple(part, part).filter(([scope, base]) => !/^\.{1,2}$/.test(scope) && !base.startsWith('.')).map(([scope, base]) => `@${scope}/${base}`),
)
const version = fc.stringMatching(/^\d{1,3}\.\d{1,3}\.\d{1,3}(?:-[A-Za-z0-9-]{1,8}(?:\.[A-Za-z0-9-]{1,4}){0,3})?(?:\+[A-Za-z0-9-]{1,8}(?:\.[A-Za-z0-9-]{1,4})?)?$/)

it('names packages and versions for Go as Go\'s own rules do', async () => {
  const subjects = fc.sample(fc.record({ name, version }), { numRuns: 20_000, seed: 20_180_704 })
  const paths = await verifier.paths(subjects)
  expect(paths.length).toBe(subjects.length)
  expect(paths.filter(({ module }) => module.startsWith('hex.')).length).toBeGreaterThan(2_000)
  for (const [n, subject] of subjects.entries()) {
    const { error, module, lookup } = paths[n]!
    const ours = { ...subject, module: goModulePath(subject.name), lookup: goLookupPath(subject.name, subject.version) }
    expect(ours).toEqual({ ...subject, module, lookup })
    expect(error).toBeUndefined()
    expect(parseGoLookup(lookup)).toEqual(subject)
  }
  // No two names share a path.
  expect(new Set(paths.map(path => path.module)).size).toBe(new Set(subjects.map(subject => subject.name)).size)
})
