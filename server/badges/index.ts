/** What the log says of versions, in one word each: as JSON for pages, as pictures for READMEs. */
export { parseBatch, parseOne } from './asked.ts'
export { createBadges, type Badges } from './read.ts'
export { createBadgeSurface, type BadgeSurface } from './surface.ts'

/** What stands stays true; what is missing may come any moment. */
export const BADGES_ROUTE = { route: 'api-badges', cache: 'public, max-age=10', isOpen: true }
