import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What stands for the parameters of our pages, on the demo. A new parameter needs a line here. */
const SAMPLES: Readonly<Record<string, string>> = {
  'log/[index]': '3',
  'log/[entry]': '3',
  'incidents/[id]': '1',
  'registries/[id]': 'npm',
  'package/[...name]': 'chalk-lines',
}

/** Paths of all our pages as a host has them, each with something to show. */
export function ourPages(): string[] {
  const root = fileURLToPath(new URL('../../app/pages/', import.meta.url))
  return globSync('registry/**/*.vue', { cwd: root }).map((file) => {
    const path = file.replaceAll('\\', '/').replace(/\.vue$/, '').replace(/\/index$/, '')
    return `/${path.replace(/([\w-]+\/)?\[+[^\]]+\]+(?:\([^)]*\))?/g, (part) => {
      const sample = SAMPLES[part.replace('[[', '[').replace(']]', ']')]
      if (sample === undefined) throw new Error(`test/mount/pages.ts has no sample for ${part} of ${file}`)
      return `${part.slice(0, part.indexOf('/') + 1)}${sample}`
    })}`
  }).toSorted()
}
