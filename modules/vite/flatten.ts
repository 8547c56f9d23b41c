import type { Plugin, PluginOption } from 'vite'

/** Vite's plugins as they come: in lists, promised, or left out. */
export async function flatten(options: PluginOption[]): Promise<Plugin[]> {
  const plugins: Plugin[] = []
  for (const option of options) {
    const resolved = await option
    if (Array.isArray(resolved)) plugins.push(...await flatten(resolved))
    else if (resolved) plugins.push(resolved)
  }
  return plugins
}
