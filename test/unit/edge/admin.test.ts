import { describe, expect, it } from 'vitest'
import { createOperators } from '../../../server/edge/admin.ts'

const TOKEN = 'correct-horse-battery-staple'

describe('the operator token', () => {
  it('opens for whoever has it, under any spelling of the scheme', async () => {
    const operators = createOperators(TOKEN)
    await expect(operators.require(`Bearer ${TOKEN}`, '192.0.2.1')).resolves.toBeUndefined()
    await expect(operators.require(`bearer  ${TOKEN} `, '192.0.2.1')).resolves.toBeUndefined()
  })

  it.each([
    undefined, '', TOKEN, `Basic ${TOKEN}`, 'Bearer', 'Bearer ', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Bearer ${TOKEN.toUpperCase()}`, `Bearer x ${TOKEN}`,
  ])('does not open for %j', async (authorization) => {
    await expect(createOperators(TOKEN).require(authorization, '192.0.2.1')).rejects.toMatchObject({ code: 'UNAUTHENTICATED', status: 401 })
  })

  it('does not exist where the operator set none', async () => {
    for (const authorization of [undefined, 'Bearer undefined', 'Bearer x']) {
      await expect(createOperators(undefined).require(authorization, '192.0.2.1')).rejects.toMatchObject({
        code: 'FORBIDDEN', message: expect.stringContaining('NUXT_ADMIN_TOKEN') as string,
      })
    }
  })

  it('cannot be guessed: after ten wrong ones a client is not heard, not even with the right one; others are', async () => {
    const operators = createOperators(TOKEN)
    const tries = await Promise.allSettled(Array.from({ length: 30 }, (_, n) => operators.require(`Bearer guess-${n}`, '192.0.2.1')))
    const codes = tries.map(attempt => attempt.status === 'rejected' && (attempt.reason as { code: string }).code)
    expect(codes.filter(code => code === 'UNAUTHENTICATED')).toHaveLength(10)
    expect(codes.filter(code => code === 'RATE_LIMITED')).toHaveLength(20)
    await expect(operators.require(`Bearer ${TOKEN}`, '192.0.2.1')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await expect(operators.require(`Bearer ${TOKEN}`, '192.0.2.2')).resolves.toBeUndefined()
    // Asking without a token is no guess.
    for (let n = 0; n < 20; n++) await expect(operators.require(undefined, '192.0.2.3')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(operators.require(`Bearer ${TOKEN}`, '192.0.2.3')).resolves.toBeUndefined()
  })
})
