/** The npm surface: the registry API as npm, pnpm, Yarn and Bun speak it. */
export { createNpmSurface, type NpmSurface, type NpmServices } from './surface.ts'
export type { About, NpmRequest, NpmResponse } from './types.ts'
export type { View } from './view.ts'
