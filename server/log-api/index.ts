/** The log as the web pages read it: JSON, in pages, with proofs. */
export { writeCsv } from './csv.ts'
export { describeLog, listCheckpoints, listEntries, showEntry, summarizeLog } from './read.ts'

/** What is listed changes with every record, and an old list is still true. */
export const LOG_ROUTE = { route: 'api-log', cache: 'public, max-age=2' }
