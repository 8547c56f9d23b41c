import { defineApiRoute } from '../../edge/api-route.ts'

/** All sources with their state and numbers; `window` (24h, 7d, 30d). Those of private names only for operators. */
export default defineApiRoute({ route: 'api-registries', isOpen: true }, async ({ services: { compare, probe }, query, isOperator }) => {
  const withHidden = await isOperator()
  await probe()
  return compare.reports.all(query, withHidden)
})
