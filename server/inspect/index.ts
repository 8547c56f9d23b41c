/** The inspection room: what is inside tarballs, compared with what registries say of them. */
export { createFindings, type Findings } from './findings.ts'
export { createInspections, type Inspections, type Passing } from './inspections.ts'
export { createInspector } from './inspector.ts'
export { mismatch } from './sentences.ts'
