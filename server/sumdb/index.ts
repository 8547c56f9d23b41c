/** The checksum database over HTTP: the log as C2SP's and Go's clients read it, lookups by name, and signed additions. */
export { createSumdbSurface, type SumdbSurface } from './surface.ts'
