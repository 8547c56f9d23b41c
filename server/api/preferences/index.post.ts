import { defineApiRoute } from '../../edge/api-route.ts'

/** Makes a profile of `{ "content": { … } }`, and shows its token: this once. */
export default defineApiRoute({ route: 'api-preferences', maxBody: 16 * 1024 }, async ({ services, address, body, isOperator, reply }) => {
  const profile = await services.preferences.create(await body(), { address, isOperator: await isOperator() })
  reply.status = 201
  return profile
})
