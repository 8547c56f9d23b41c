/** Checks the file of an incident offline: for the command line and the browser alike. */
export { checkBundle, type BundleReport } from './check.ts'
export { BundleError } from './errors.ts'
export type { Finding } from './findings.ts'
