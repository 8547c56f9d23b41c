import { defineApiRoute } from '../../edge/api-route.ts'

/** Begins a look at all sources, unless one is going on; answers at once with which. */
export default defineApiRoute({ route: 'api-registries', operatorsOnly: true }, ({ services: { compare }, reply }) => {
  reply.status = 202
  return compare.start()
})
