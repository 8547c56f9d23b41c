/** The tarball room: the bytes of versions, fetched once, verified, stored by digest. */
export { IntegrityError } from './lie.ts'
export { parseRange, rangeApplies } from './range.ts'
export type { Stored } from './store.ts'
export { createTarballs, type Tarballs } from './tarballs.ts'
export type { Source } from './transfer.ts'
export { canonicalTarballUrl, fileNameOf, tarballFileName } from './url.ts'
