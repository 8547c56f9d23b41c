/** One box for everything: what a text may mean, and what of that is there. */
export { createSearch, type Search } from './search.ts'
