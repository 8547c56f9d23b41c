/** The packument room: fetch once, check once, render once, keep the ready bytes. */
export { createDocuments } from './documents.ts'
export { ENCODINGS, type Encoding } from './encoding.ts'
export { createCopies, type Copies } from './copies.ts'
export { escapeName } from './fetch.ts'
export type { WorkerSource } from './large-documents.ts'
export { createPackuments, type Contents, type Packuments, type Served } from './packuments.ts'
export { createSnapshots } from './snapshots.ts'
export type { Judge, Judged, ManifestRendering, Rendering, Summary, TarballUrls, Verdict, VersionSummary } from './types.ts'
