import { defineApiRoute } from '../../../edge/api-route.ts'
import { INCIDENTS_ROUTE } from '../../../incidents-api/index.ts'

/** One incident as a file that `npm run log:verify -- --bundle` checks offline. */
export default defineApiRoute(INCIDENTS_ROUTE, async ({ services: { bundles }, parameter, isOperator, reply }) => {
  const { name, text } = await bundles.make(parameter('id'), await isOperator())
  reply.headers['content-disposition'] = `attachment; filename="${name}"`
  return Buffer.from(text)
})
