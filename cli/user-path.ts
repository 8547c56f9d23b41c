import { resolve } from 'node:path'
import process from 'node:process'

/** A path as the user meant it: `npm run` works in the project's folder, and only tells where the user is. */
export function userPath(path: string): string {
  const isRunByNpm = /^(?:log|lockfile):verify$/.test(process.env.npm_lifecycle_event ?? '')
  return resolve(isRunByNpm && process.env.INIT_CWD !== undefined ? process.env.INIT_CWD : '', path)
}
