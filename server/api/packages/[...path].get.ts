import { defineApiRoute } from '../../edge/api-route.ts'

/**
 * A package as the log has it: `GET /api/packages/@scope/name`; `authority` (an id), `order` (version, record), `skip`, `limit`,
 * `before` (an index, for its changes). Below it, with registries being asked: `/-/registries` and `/-/differences`, the latter
 * with `left` and `right`.
 */
export default defineApiRoute({ route: 'api-packages' }, ({ services: { packagePages }, parameter, query, address }) =>
  packagePages.answer(parameter('path'), query, address))
