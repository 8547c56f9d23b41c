import { BADGES_ROUTE, parseBatch } from '../../badges/index.ts'
import { defineApiRoute } from '../../edge/api-route.ts'

/** What is known of up to 100 versions: `{ "packages": ["@scope/name@1.0.0", …] }`. */
export default defineApiRoute(BADGES_ROUTE, async ({ services: { badges }, body }) => badges.of(parseBatch(await body())))
