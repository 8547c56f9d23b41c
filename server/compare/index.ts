/** Registries and mirrors, measured and compared with the log. */
export { createCompare, type Compare } from './compare.ts'
export { compareVersion } from './comparison.ts'
export type { SideBySide, SourceView } from './side-by-side.ts'
