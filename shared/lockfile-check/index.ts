/** Holds a lockfile against a log: for the command line and the browser alike. */
export { countStates, judge, verdictOf, type State, type Verdict } from './judge.ts'
export { matchNames } from './patterns.ts'
export { verifyPackages, type VerifyOptions } from './verify.ts'
