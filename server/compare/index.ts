/** Registries and mirrors, measured and compared with the log. */
export { createCompare, type Compare } from './compare.ts'
