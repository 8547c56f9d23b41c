import { defineApiRoute } from '../../edge/api-route.ts'

/** What `q` may mean, and what of that is here. Incidents of private names only for operators. */
export default defineApiRoute({ route: 'api-search' }, async ({ services: { search }, query, isOperator }) =>
  search.find(query, await isOperator()))
