/** The log as the web pages read it: JSON, in pages, with proofs. */
export { describeLog, listCheckpoints, listEntries, showEntry } from './read.ts'
