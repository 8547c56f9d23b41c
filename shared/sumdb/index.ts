export { createLogClient, type LogClient, type LogClientOptions } from './client.ts'
export { LogError, ReadError, StateError, type Evidence, type LogErrorCode } from './errors.ts'
export { createHttpRead } from './http-read.ts'
export type { EntryRun, Head, HeadStore, Lookup, Read, TileCache } from './types.ts'
