/** What somebody may mean by what is typed into the one box for everything. */
export { detect, LONGEST_SEARCH } from './detect.ts'
export type { Detection, Meaning, SearchHint } from './types.ts'
