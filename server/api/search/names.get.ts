import { defineApiRoute } from '../../edge/api-route.ts'

/** Recorded packages whose names begin with `q`, for completing what is typed. */
export default defineApiRoute({ route: 'api-search', cache: 'public, max-age=2' }, ({ services: { search }, query }) => search.names(query))
