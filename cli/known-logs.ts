import { join } from 'node:path'
import { stateDirectory, readJson, writeJson } from './state-file.ts'

/** Which key was trusted for which URL, as SSH remembers hosts. */
const path = () => join(stateDirectory(), 'known-logs.json')

/** @throws StateError */
export async function keyKnownFor(url: string): Promise<string | undefined> {
  const known = await readJson(path()) ?? {}
  const key = Object.hasOwn(known, url) ? known[url] : undefined
  return typeof key === 'string' ? key : undefined
}

/** Keys of all logs that were ever trusted. @throws StateError */
export async function knownKeys(): Promise<string[]> {
  return Object.values(await readJson(path()) ?? {}).filter(key => typeof key === 'string')
}

/** @throws StateError */
export async function rememberKey(url: string, vkey: string): Promise<void> {
  const known = await readJson(path()) ?? {}
  if (Object.hasOwn(known, url) && known[url] === vkey) return
  await writeJson(path(), { ...known, [url]: vkey })
}
