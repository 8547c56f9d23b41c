import { describe, expect, it } from 'vitest'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { RegistryError } from '../../../server/errors.ts'
import { createOwners, createRoutes, type Upstream } from '../../../server/registry/index.ts'

const registry = (id: string): RegistryConfig =>
  ({ id, url: `https://${id}.example/`, namespace: `${id}.example`, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true } })
const missing = new RegistryError('NOT_FOUND', 'It is not there.')
const away = new RegistryError('UPSTREAM_UNAVAILABLE', 'It is away.')

/** What each registry answers for every name: `undefined` is that it has it. Nobody else is asked. */
function owners(answers: Record<string, Error | undefined>) {
  const asked: string[] = []
  const routes = createRoutes({
    registries: ['npm', 'acme', 'third'].map(registry),
    routes: [{ match: ['@acme/*'], registry: 'acme' }, { match: ['shared-*'], registry: ['npm', 'acme'] }, { match: ['all-*'], registry: ['third', 'npm', 'acme'] }],
    private: ['shared-secret-*'],
  })
  const upstream = (one: RegistryConfig): Upstream => ({ registry: one, request: () => Promise.reject(new Error('not by this test')) })
  const made = createOwners({
    routes, upstream,
    async find(_, { registry: { id }, chain }) {
      asked.push(chain ? `${id} for ${chain}` : id)
      if (!(id in answers)) throw new Error(`${id} must not be asked`)
      if (answers[id]) throw answers[id]
    },
  })
  return { ...made, asked, upstream }
}

const failure = async (work: unknown) => {
  const error: unknown = await Promise.resolve(work).then(() => undefined, (thrown: unknown) => thrown)
  if (!(error instanceof RegistryError)) throw new Error('It did not fail as it should have', { cause: error })
  return error
}

describe('the owner of a name', () => {
  it('is the authority that its route names, at once, and nobody is asked', () => {
    const { of, isOpen, asked } = owners({})
    expect(of('x')).toMatchObject({ id: 'npm' })
    expect(of('@acme/x')).toMatchObject({ id: 'acme' })
    expect([isOpen('x'), isOpen('@acme/x'), isOpen('shared-x')]).toEqual([false, false, true])
    expect(asked).toEqual([])
  })

  it.each<[owner: string, answers: Record<string, Error | undefined>]>([
    ['acme', { npm: missing, acme: undefined }],
    ['npm', { npm: undefined, acme: missing }],
  ])('is %s, the only one of several that has it', async (owner, answers) => {
    const { of, asked } = owners(answers)
    expect(await of('shared-x')).toMatchObject({ id: owner })
    expect(asked).toEqual(['npm', 'acme'])
  })

  it('is asked for outside of the route for no name, private ones included', async () => {
    const { of, asked } = owners({ npm: missing, acme: undefined })
    expect(await of('shared-secret-x')).toMatchObject({ id: 'acme' })
    expect(asked).not.toContain('third')
  })

  it('is nobody where several have it, and the sentence names them and what to do', async () => {
    const error = await failure(owners({ npm: undefined, acme: undefined }).of('shared-x'))
    expect(error).toMatchObject({ code: 'AMBIGUOUS_NAME', status: 403 })
    for (const part of ['shared-x', '"npm" (npm.example)', '"acme" (acme.example)', '{ "match": ["shared-x"], "registry": "npm" }']) {
      expect(error.message).toContain(part)
    }
    expect(error.message).toMatch(/^[\x20-\x7e]+$/)
    // Whatever the third would say.
    expect(await failure(owners({ third: away, npm: undefined, acme: undefined }).of('all-x'))).toMatchObject({ code: 'AMBIGUOUS_NAME' })
    expect((await failure(owners({ third: missing, npm: undefined, acme: undefined }).of('all-x'))).message).not.toContain('third')
  })

  it('is nobody where none has it', async () => {
    const error = await failure(owners({ npm: missing, acme: missing }).of('shared-x'))
    expect(error).toMatchObject({ code: 'NOT_FOUND', status: 404 })
    expect(error.message).toMatch(/"npm" \(npm\.example\), "acme" \(acme\.example\)/)
  })

  it.each<[what: string, answers: Record<string, Error | undefined>]>([
    ['has it', { npm: undefined, acme: away }],
    ['has not', { npm: away, acme: missing }],
    ['is away too', { npm: away, acme: away }],
    ['has it, and the answer is nonsense', { npm: new RegistryError('UPSTREAM_INVALID', 'It is not JSON.'), acme: undefined }],
  ])('is not known while one cannot say, also if the other one %s', async (_, answers) => {
    const error = await failure(owners(answers).of('shared-x'))
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', status: 503 })
    expect(error.retryAfter).toBeGreaterThan(0)
    expect(error.message).toMatch(/^shared-x is withheld: .*It is (away|not JSON)\.$/)
  })

  it.each<[code: string, error: RegistryError]>([
    // A client would ask again for a minute, and get the same.
    ['UPSTREAM_REFUSED', new RegistryError('UPSTREAM_REFUSED', 'It needs a token.')],
    ['LOG_UNAVAILABLE', new RegistryError('LOG_UNAVAILABLE', 'Its disk is full.')],
    // Whoever asks in a circle has to hear of it.
    ['LOOP_DETECTED', new RegistryError('LOOP_DETECTED', 'It asked itself.')],
  ])('is not known because of %s', async (code, error) => {
    expect(await failure(owners({ npm: undefined, acme: error }).of('shared-x'))).toMatchObject({ code, status: error.status })
  })

  it('is not known because of a mistake of ours, which stays one', async () => {
    await expect(owners({ npm: undefined, acme: new TypeError('oops') }).of('shared-x')).rejects.toThrow(TypeError)
  })

  it('is asked for in the way of the request', async () => {
    const { of, asked, upstream } = owners({ npm: missing, acme: undefined })
    await of('shared-x', one => ({ ...upstream(one), chain: 'another server' }))
    expect(asked).toEqual(['npm for another server', 'acme for another server'])
  })
})
