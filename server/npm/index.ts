/** The npm surface: the registry API as npm, pnpm, Yarn and Bun speak it. */
export { createNpmSurface, type NpmSurface } from './surface.ts'
export { matchesEtag } from './etag.ts'
export { parseNpmPath } from './path.ts'
export type { View, Views } from './view.ts'
