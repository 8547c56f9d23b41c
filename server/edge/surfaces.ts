import type { Surface } from './mount.ts'

/** @param base path of the whole app with a trailing slash: `/` */
export function surfacesBelow(base: string): Surface[] {
  return [
    {
      prefix: `${base}npm/`,
      hosts: config => config.registryHosts,
      answer: (request, services) => services.npm(request),
    },
    {
      prefix: `${base}sumdb/`,
      hosts: config => config.sumdbHosts,
      answer: (request, services) => services.sumdb(request),
    },
    {
      prefix: `${base}badge/`,
      hosts: () => [],
      answer: (request, services) => services.badge(request),
    },
  ]
}
