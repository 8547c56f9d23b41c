/** The tarball room: the bytes of versions, fetched once, verified, stored by digest. */
export { createDownloads } from './download.ts'
export { parseIntegrity } from './integrity.ts'
export { parseRange, rangeApplies } from './range.ts'
export type { ByteRange } from './range.ts'
export { createTarballStore } from './store.ts'
export type { TarballStore, TarballStoreOptions } from './store.ts'
export type { Source } from './transfer.ts'
export { fileNameOf, tarballFileName, tarballPath } from './url.ts'
