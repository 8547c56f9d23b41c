import type { Config } from '../config/types.ts'
import type { View } from '../npm/index.ts'
import type { Choice, Routes } from '../registry/index.ts'

/** What clients without preferences see, by the name under which they reached us. */
export interface Views {
  usual: View
  at(host: string | undefined): View
}

/** @param surfacePath path of the npm surface: `/npm/` */
export function createViews(config: Config, routes: Routes, surfacePath: string): Views {
  const { publicUrl, localHosts, registryHosts, tarballs, delivery, defaultHost, strategy } = config
  const choice: Choice = { strategy, order: [], disabled: new Set() }
  const usual: View = {
    base: new URL(surfacePath.replace(/^\//, ''), publicUrl).href,
    routes, tarballs, delivery, defaultHost, choiceOf: () => choice,
  }
  const { protocol } = new URL(publicUrl)
  const views = new Map<string, View>()
  for (const host of localHosts) views.set(host, { ...usual, base: `http://${host}${surfacePath}` })
  for (const host of registryHosts) views.set(host, { ...usual, base: `${protocol}//${host}/` })
  return { usual, at: host => (host && views.get(host)) || usual }
}
