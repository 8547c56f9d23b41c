import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** The sentences that say what is missing to run the bench. */
export function missing(build: string): string[] {
  const sentences = ['wrk', 'nginx']
    .filter(tool => spawnSync(tool, ['-v']).error)
    .map(tool => `${tool} is not installed: run apt-get install ${tool}.`)
  if (!existsSync(build)) sentences.push(`${build} is missing: run npm run build.`)
  return sentences
}
